"""Reading what lies beside a model as its tokenizer: one kind of file a module, all behind `Tokenizer`."""

"""Word2vec: every word two vectors, moved so that words which stand near each other have a large dot product.

Mikolov, Chen, Corrado and Dean 2013, Efficient Estimation of Word Representations in Vector Space; Mikolov, Sutskever,
Chen, Corrado and Dean 2013, Distributed Representations of Words and Phrases and their Compositionality.
"""

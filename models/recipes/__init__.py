"""What several of the models' recipes share; one noun a file."""

"""What several of the models' recipes share; one noun a file. Needs only what the recipe that imports it needs."""

"""Topics: what documents are about, found from which words stand in which of them.

LSA: Deerwester, Dumais, Furnas, Landauer and Harshman 1990, Indexing by Latent Semantic Analysis.
LDA: Blei, Ng and Jordan 2003, Latent Dirichlet Allocation; Griffiths and Steyvers 2004, Finding Scientific Topics.
"""

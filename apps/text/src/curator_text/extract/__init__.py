"""Documents out of web pages, papers and articles: their texts, and what their files say about them."""

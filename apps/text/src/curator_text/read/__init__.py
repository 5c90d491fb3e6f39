"""Documents as files have them: blocks of texts, ids, order, and a look before a run."""

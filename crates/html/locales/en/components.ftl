# Parts that many pages have.
summary = There is a problem
copy = Copy
copied = Copied

# Parts that many pages have.
summary = There is a problem
copy = Copy
copied = Copied
pages = Pages of the list
page-of = Page { $page } of { $pages }
page-before = Previous page
page-after = Next page

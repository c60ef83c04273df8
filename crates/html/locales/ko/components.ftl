# Parts that many pages have.
summary = 문제가 있습니다
copy = 복사
copied = 복사했습니다
pages = 목록 페이지
page-of = { $pages }페이지 중 { $page }페이지
page-before = 이전 페이지
page-after = 다음 페이지

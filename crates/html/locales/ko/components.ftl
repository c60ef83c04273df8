# Parts that many pages have.
summary = 문제가 있습니다
copy = 복사
copied = 복사했습니다

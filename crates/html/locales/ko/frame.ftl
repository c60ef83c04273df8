# What stands around every page.
title = { $title } · { $brand }
title-with-problem = 오류: { $title } · { $brand }
skip = 본문으로 건너뛰기
about = 이 서버 정보
main-menu = 주 메뉴
menu = 메뉴
settings = 설정
menu-access = 접근
menu-tokens = 개인용 토큰
menu-account = 계정
menu-security = 보안
menu-sessions = 세션
menu-profile = 프로필
sign-out = 로그아웃
sign-out-login = { $login } 로그아웃

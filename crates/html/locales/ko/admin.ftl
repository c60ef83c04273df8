# What the pages of administration have in common. Each subject has a file of its own, admin_{subject}.
menu-health = 상태
menu-users = 사용자
menu-organizations = 조직
menu-apps = 앱
menu-tokens = 토큰
menu-audit = 감사 로그
menu-settings = 적용 중인 설정

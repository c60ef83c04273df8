# Users, as site administrators see them.
title = 사용자
intro = 이 서버에 계정이 있는 모든 사용자입니다. 사용자를 열면 계정에 있는 것을 보고 바꿀 수 있습니다.
sought = 검색
sought-hint = 아이디, 이메일 주소, 이름의 일부
search = 검색
show-all = 모든 사용자 보기
found = 사용자 { $count }명
none-found = 아이디, 주소, 이름에 이 말이 있는 사용자가 없습니다.
user = 사용자
address = 이메일 주소
no-address = 확인된 주소 없음
state = 상태
last-sign-in = 마지막 로그인
no-sign-in = 알려진 로그인 없음
suspended = 정지됨
administrator = 관리자
two-factor = 2단계 인증

# What somebody says about themselves.
title = 프로필
about = 이름, 그리고 페이지의 언어와 시간대입니다.
login = 아이디
name = 이름
name-hint = 아이디 옆에 표시됩니다. 비워 둘 수 있습니다.
name-too-long = { $count }자 이하로 입력하세요
name-control = 제어 문자가 없는 이름을 입력하세요
language = 언어
by-browser = 브라우저 설정에 따름
zone = 시간대
by-server = 서버 시간대({ $zone })
no-zone = 목록에서 시간대를 선택하세요
now = 그곳은 지금 { $time }입니다.
addresses = 이메일 주소
save = 저장
status = 프로필을 저장했습니다.
status-same = 변경된 내용이 없습니다.

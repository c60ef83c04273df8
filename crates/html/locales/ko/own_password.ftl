# A password that somebody changes.
title = 비밀번호 변경
about = 다른 모든 세션이 끝납니다. 이 세션은 유지됩니다.
new-password = 새 비밀번호
hint = 8자 이상
revoke = 내 토큰도 폐기
revoke-hint = 선택하지 않으면 토큰은 유지됩니다. 토큰은 비밀번호가 아닙니다.
submit = 비밀번호 변경
enter = 새 비밀번호를 입력하세요
too-short = { $count }자 이상 입력하세요. 여러 단어를 쓰면 좋은 비밀번호가 됩니다
too-long = { $count }바이트 이하로 입력하세요
nul = NUL 문자가 없는 비밀번호를 입력하세요
common = 다른 비밀번호를 입력하세요. 가장 흔해서 먼저 추측되는 비밀번호입니다
own = 아이디, 이름, 이메일 주소로 만들지 않은 비밀번호를 입력하세요
busy = 지금은 계산할 비밀번호가 너무 많습니다. 잠시 뒤에 다시 시도하세요
status = 비밀번호를 변경했습니다.
status-revoked = 비밀번호를 변경했습니다. 토큰 { $count }개를 폐기했습니다.

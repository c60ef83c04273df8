# Proving by a passkey who one is.
between = 또는
sign-in = 패스키로 로그인
use-one = 패스키 사용
need-script = 패스키를 쓰려면 JavaScript가 필요합니다
unsupported = 이 브라우저에서는 여기서 패스키를 쓸 수 없습니다
title = 패스키를 사용하세요
about = 브라우저가 지문, 얼굴, PIN 또는 보안 키로 패스키를 요청합니다.
ask = 패스키 사용
use-password = 비밀번호 사용
go-back = 돌아가기
refused = 패스키가 승인되지 않았습니다. 다시 시도하거나 비밀번호를 사용하세요
other-address = 이 주소에서는 패스키를 쓸 수 없습니다
busy = 패스키 요청이 너무 많습니다. 나중에 다시 시도하거나 비밀번호를 사용하세요
second-title = 패스키로 확인하세요
second-about = 비밀번호가 맞습니다. 이 계정의 두 번째 단계는 패스키입니다.
only-passkey = 이 계정에는 인증 앱이 없으므로 패스키로 본인을 확인합니다.

title = 본인 확인
about = 다음 단계는 계정을 보호하거나 접근 권한을 주는 작업입니다.
signed-in-as = 로그인한 계정: <strong>{ $login }</strong>
wrong = 비밀번호가 올바르지 않습니다
submit = 확인

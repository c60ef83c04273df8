title = 로그아웃할까요?
about = <strong>{ $login }</strong> 계정으로 로그인되어 있습니다.
submit = 로그아웃
cancel = 취소

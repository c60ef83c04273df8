# The settings in force, as site administrators see them.
title = 적용 중인 설정
intro = 이 서버가 따르는 설정과 그 출처입니다. 출처는 명령의 플래그, 환경 변수, 설정 파일, 기본값 가운데 하나입니다. 비밀 값은 설정되었는지만 표시합니다. <code>counterfoil config show</code> 명령은 지금의 설정을 같은 형식으로 보여 줍니다.
waiting = 표시가 있는 설정은 시작한 뒤에 바뀌었습니다. 서버를 다시 시작할 때까지 여기 표시된 값이 적용됩니다.
none = 이 서버는 설정을 알리지 않고 시작되었습니다.
setting = 설정
value = 값
source = 출처
set = 설정됨
not-set = 설정되지 않음
by-default = 기본값
waits = 변경됨, 다시 시작해야 적용

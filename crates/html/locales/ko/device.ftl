title = 기기 연결
warning = 방금 내 기기에서 직접 로그인을 시작한 경우에만 코드를 입력하세요. 다른 사람이 보낸 코드를 입력하면 내 계정이 그 사람에게 넘어갑니다.
code = 기기에 표시된 코드
code-hint = 영문자 여덟 개, 대소문자와 하이픈은 구분하지 않습니다
go-on = 계속
enter-letters = 기기에 표시된 영문자 여덟 개를 입력하세요
wrong = 코드가 틀렸거나 만료되었습니다. 기기에서 다시 시작하세요
too-many-tries = { $minutes ->
    [one] 시도가 너무 많습니다. 1분 후에 다시 시도하세요
   *[other] 시도가 너무 많습니다. { $minutes }분 후에 다시 시도하세요
}
confirm-title = 직접 시작한 로그인인가요?
asks = 다른 기기의 <strong>{ $app }</strong> 앱이 <strong>{ $login }</strong> 계정에 대한 접근을 요청합니다.
refuse-if = 다른 사람이 보낸 코드라면 거부하세요
refuse-why = 로그인을 시작한 사람은 아래의 권한으로 내 계정에 접근하게 됩니다. 지원 담당자나 팀 동료, 이 서버에서 이런 코드를 요구하는 일은 없습니다.
started-from = 시작한 주소
not-your-network = 내 네트워크가 아님
program = 프로그램
as-it-says = 프로그램이 밝힌 이름
no-agent = 이름 없음
started = 시작한 시각
app-of = 앱
owner = { $owner } 계정에서 등록, { $date }
will-be-able = 이 앱이 할 수 있는 일
withheld = 사이트 관리자만 할 수 있는 일이라 기기에는 주지 않는 범위:
mine = 다른 네트워크에 있는 기기에서 내가 직접 시작했으며, 그 기기에 <strong>{ $code }</strong> 코드가 표시되어 있습니다.
tick = 상자를 선택하거나 거부하세요
refuse = 거부
connect = ‘{ $app }’ 앱 연결
connected = 기기가 연결되었습니다
connected-more = 이 페이지를 닫아도 됩니다.
refused = 거부했습니다
refused-more = 이 코드는 더 이상 쓸 수 없습니다. 다른 사람이 보낸 코드였다면 관리자에게 알리세요.

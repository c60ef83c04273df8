# How each part of an installation is, as site administrators see it.
title = 상태
intro = 지금 이 서버와 데이터베이스의 상태입니다. 각 부분이 정상인지, 아니면 무엇을 해야 하는지 알려 줍니다. <code>counterfoil doctor</code> 명령은 서버 컴퓨터에서 더 많은 것을 살펴봅니다.
all-good = 모두 정상입니다
some-to-do = 조치가 필요한 부분 { $count }개
part = 부분
state = 상태
about = 설명
good = 정상
to-do = 조치 필요

database = 데이터베이스
database-good = 지난 1초 안에 쓰기를 확인했습니다.
database-takes-no-writes = 쓰기를 받지 않아 아무것도 바꿀 수 없습니다. 디스크의 남은 공간과 스탠바이인지를 확인하세요. 원인은 로그에 있습니다.
database-silent = 연결할 수 없거나 제때 응답하지 않습니다. 실행 중인지, 네트워크가 연결되는지 확인하세요. 원인은 로그에 있습니다.

size = 데이터베이스 크기
size-counted = { $mebibytes } MiB, { $when } 기준.
size-uncounted = 시작한 뒤 몇 분 안에 집계합니다.

trail = 감사 로그
trail-good = 모든 변경이 이벤트와 함께 커밋되었습니다. 가장 새로운 이벤트: { $when }.
trail-empty = 아직 이벤트가 없습니다.
trail-failed = 이 프로세스가 시작된 뒤 커밋 { $count }개가 실패했습니다. 로그에서 원인을 확인하세요. 디스크가 가득 찼거나 고장 났거나 연결이 끊겼을 수 있습니다.

feed = 변경 피드
feed-good = 다른 프로세스의 변경을 { $milliseconds } ms 전에 읽었습니다.
feed-lost = 다른 노드의 변경을 들을 수 없어 확인 요청을 거부합니다. 데이터베이스와 네트워크를 확인하세요.

clock = 시계
clock-good = 시계가 서로 맞습니다.
clock-ahead = 이 컴퓨터의 시계가 데이터베이스의 시계보다 { $seconds }초 빠릅니다. 틀린 쪽을 맞추세요. 모든 노드는 데이터베이스의 시계를 따릅니다.
clock-behind = 이 컴퓨터의 시계가 데이터베이스의 시계보다 { $seconds }초 느립니다. 틀린 쪽을 맞추세요. 모든 노드는 데이터베이스의 시계를 따릅니다.
clock-events = 감사 로그에 아직 오지 않은 시각의 이벤트가 있습니다: { $at }. 시계를 맞추세요.

nodes = 노드
nodes-good = 이 데이터베이스로 노드 { $count }개가 서비스하고 있으며 모두 같은 기준으로 판단합니다.
nodes-unseen = 지난 1분 동안 어떤 노드도 자신이 있다고 기록하지 못했습니다. 이 노드의 로그를 확인하세요.
nodes-older = 노드 { $count }개 가운데 { $older }개가 이전 프로그램을 실행합니다. 업데이트하세요. 이전 프로그램이 잘못 판단할 기능은 그때까지 쓰이지 않습니다.
nodes-newer = 노드 { $count }개 가운데 { $newer }개가 더 새로운 프로그램을 실행합니다. 이 노드를 업데이트하세요.

mail = 메일
mail-off = <code>mail.server</code> 설정이 없어 보내지 않습니다.
mail-good = { $count ->
  [0] 기다리는 메일이 없습니다.
  *[other] 메일 { $count }개가 발송을 기다립니다.
}
mail-tried = 메일 { $count }개가 기다리며, 그중 { $tried }개는 메일 서버가 아직 받지 않았습니다. 다시 시도합니다.
mail-no-server = 메일 { $count }개가 기다리지만 <code>mail.server</code> 설정이 없습니다. 설정하고 서버를 다시 시작하세요.
mail-paused = 이 데이터베이스를 복원하거나 복사한 뒤로 메일을 보내지 않으며 { $count }개가 기다립니다. <code>counterfoil outbox resume</code> 명령으로 다시 보내세요.
mail-stuck = 메일 { $count }개가 기다리며 가장 오래된 것은 { $since }부터 기다립니다. <code>counterfoil mail test ADDRESS</code> 명령으로 메일 서버의 응답을 확인하세요.

certificate = 인증서
certificate-absent = 이 서버에는 인증서가 없습니다. 앞에 있는 프록시가 암호화하거나 이 컴퓨터에서만 접속합니다.
certificate-unreadable = 날짜를 읽을 수 없습니다. <code>counterfoil doctor</code> 명령으로 파일을 확인하세요.
certificate-good = 유효 기간: { $until }까지.
certificate-ends-soon = 곧 끝납니다: { $until }. 갱신한 뒤 <code>counterfoil reload</code> 명령을 실행하세요.
certificate-ended = 이미 끝나 클라이언트가 거부합니다: { $at }. 갱신한 뒤 <code>counterfoil reload</code> 명령을 실행하세요.

keys = 키
keys-good = 데이터베이스에 필요한 키 { $count }개가 모두 있습니다.
keys-missing = 데이터베이스에 키 { $id } 하나가 더 필요하지만 이 프로세스에 없거나 다른 키입니다. 그 키가 있는 노드의 데이터 폴더에서 <code>keys</code> 파일을 복사하세요.

passwords = 비밀번호
passwords-good = { $count ->
  [0] 확인을 기다리는 비밀번호가 없습니다.
  *[other] 비밀번호 { $count }개가 확인을 기다립니다.
}
passwords-crowded = 비밀번호 { $waiting }개가 확인을 기다립니다(최대 { $most }개). 낯선 주소의 로그인을 거절하고 있습니다. 감사 로그에서 공격을 확인하거나 <code>passwords.threads</code> 값을 올리세요.

second-factor = 2단계 인증
second-factor-not-required = 아무에게도 요구하지 않습니다.
second-factor-good = 2단계 인증이 필요한 사람 가운데 늦은 사람이 없습니다.
second-factor-good-so-far = { $id }번까지의 계정에는 늦은 사람이 없습니다. 계정이 많아 나머지는 살펴보지 않았습니다.
second-factor-overdue = 사용자 { $count }명이 이미 설정했어야 하며 그전에는 어디에도 들어갈 수 없습니다. <code>counterfoil user otp link LOGIN</code> 명령으로 설정 링크를 만드세요.
second-factor-overdue-or-more = 사용자 { $count }명 이상이 이미 설정했어야 하며 그전에는 어디에도 들어갈 수 없습니다. <code>counterfoil user otp link LOGIN</code> 명령으로 설정 링크를 만드세요.

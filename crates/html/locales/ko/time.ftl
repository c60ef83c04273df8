# Days, times of day, and how long ago.
just-now = 방금 전
minutes-ago = { $count }분 전
hours-ago = { $count }시간 전
days-ago = { $count ->
    [one] 어제
   *[other] { $count }일 전
}
in-a-moment = 곧
in-minutes = { $count }분 후
in-hours = { $count }시간 후
in-days = { $count ->
    [one] 내일
   *[other] { $count }일 후
}
long-date = { $year }년 { $month }월 { $day }일
short-date = { $year }. { $month }. { $day }.
at-time = { $date }, { $time }({ $zone })

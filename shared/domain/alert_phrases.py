"""The phrase book of alerts' reasons, as `phrases` holds that of scores.

A reason of several facts joins them with `; `: each is a sentence of its own here.
"""

from __future__ import annotations

ALERT_SENTENCES: tuple[tuple[str, str, str], ...] = (
    (
        "Renewal on {date}: time to prepare it",
        "Gia hạn ngày {date}: đến lúc chuẩn bị",
        "Renovação em {date}: hora de prepará-la",
    ),
    (
        "Renewal on {date}: time to decide it",
        "Gia hạn ngày {date}: đến lúc quyết định",
        "Renovação em {date}: hora de decidi-la",
    ),
    (
        "the renewal is on {date} now",
        "ngày gia hạn nay là {date}",
        "a renovação agora é em {date}",
    ),
    (
        "no renewal is ahead any more",
        "không còn kỳ gia hạn nào sắp tới",
        "não há mais renovação à frente",
    ),
    (
        (
            "Complaint {ref} was solved on {date}, bookings did not come back: {count} in {days}, "
            "before it {rate}"
        ),
        (
            "Khiếu nại {ref} đã giải quyết ngày {date} nhưng booking chưa trở lại: {count} trong "
            "{days}, trước đó {rate}"
        ),
        (
            "A reclamação {ref} foi resolvida em {date}, mas os bookings não voltaram: {count} em "
            "{days}, antes {rate}"
        ),
    ),
    (
        "Last booking or warehouse work on {date}",
        "Booking hoặc công việc kho cuối ngày {date}",
        "Último booking ou trabalho de armazém em {date}",
    ),
    (
        "Last booking on {date}",
        "Booking cuối ngày {date}",
        "Último booking em {date}",
    ),
    (
        "{n} % chance that a loss starts within {days} (early warning from {cut} %)",
        "khả năng bắt đầu mất khách trong vòng {days} là {n} % (cảnh báo sớm từ {cut} %)",
        (
            "chance de {n} % de uma perda começar em até {days} (alerta antecipado a partir de "
            "{cut} %)"
        ),
    ),
    (
        "raised to high: sponsor or champion left",
        "nâng lên mức cao: người bảo trợ hoặc người ủng hộ đã rời đi",
        "elevado a alto: patrocinador ou defensor interno saiu",
    ),
    (
        "raised to high: severe complaint beyond its agreed time",
        "nâng lên mức cao: khiếu nại nghiêm trọng quá thời hạn cam kết",
        "elevado a alto: reclamação grave fora do prazo acordado",
    ),
    # As alerts of earlier versions keep them.
    (
        "a loss is likely within {days}",
        "có khả năng mất khách trong vòng {days}",
        "perda provável em até {days}",
    ),
    (
        "floor: sponsor or champion left",
        "nâng lên mức cao: người bảo trợ hoặc người ủng hộ đã rời đi",
        "elevado a alto: patrocinador ou defensor interno saiu",
    ),
    (
        "floor: severe complaint beyond its agreed time",
        "nâng lên mức cao: khiếu nại nghiêm trọng quá thời hạn cam kết",
        "elevado a alto: reclamação grave fora do prazo acordado",
    ),
    (
        "Severe complaint {ref} about {word}, on {date1}; solved on {date2}",
        "Khiếu nại nghiêm trọng {ref} về {word}, ngày {date1}; đã giải quyết ngày {date2}",
        "Reclamação grave {ref} sobre {word}, em {date1}; resolvida em {date2}",
    ),
    (
        "Severe complaint {ref}, on {date1}; solved on {date2}",
        "Khiếu nại nghiêm trọng {ref}, ngày {date1}; đã giải quyết ngày {date2}",
        "Reclamação grave {ref}, em {date1}; resolvida em {date2}",
    ),
    (
        "Complaint {ref} open since {date1}, agreed {hours} h; solved on {date2}",
        "Khiếu nại {ref} mở từ {date1}, cam kết {hours} giờ; đã giải quyết ngày {date2}",
        "Reclamação {ref} aberta desde {date1}, prazo acordado de {hours} h; resolvida em {date2}",
    ),
    (
        "Severe complaint {ref} about {word}, on {date}",
        "Khiếu nại nghiêm trọng {ref} về {word}, ngày {date}",
        "Reclamação grave {ref} sobre {word}, em {date}",
    ),
    (
        "Severe complaint {ref}, on {date}",
        "Khiếu nại nghiêm trọng {ref}, ngày {date}",
        "Reclamação grave {ref}, em {date}",
    ),
    (
        "Complaint {ref} open since {date}, agreed {hours} h",
        "Khiếu nại {ref} chưa xử lý từ {date}, cam kết {hours} giờ",
        "Reclamação {ref} aberta desde {date}, prazo acordado de {hours} h",
    ),
    (
        "{n} complaints opened in {days}, the last on {date}",
        "{n} khiếu nại trong {days}, lần cuối {date}",
        "{n} reclamações abertas em {days}, a última em {date}",
    ),
    (
        "The {person} left on {date}",
        "{person} đã rời đi ngày {date}",
        "{person}: saiu em {date}",
    ),
    (
        "The {person} could not be reached on {date}",
        "Không liên lạc được với {person}, ngày {date}",
        "{person}: sem resposta em {date}",
    ),
    (
        "The {person} changed role on {date}",
        "{person} đổi vị trí ngày {date}",
        "{person}: mudou de função em {date}",
    ),
    (
        "{lane}: 0 bookings since {date}, normally {rate}; other lanes steady",
        "{lane}: 0 booking từ {date}, bình thường {rate}; các tuyến khác ổn định",
        "{lane}: 0 bookings desde {date}, normalmente {rate}; demais rotas estáveis",
    ),
    (
        "{lane}: {count} in {days}, normally {rate}; other lanes steady",
        "{lane}: {count} trong {days}, bình thường {rate}; các tuyến khác ổn định",
        "{lane}: {count} em {days}, normalmente {rate}; demais rotas estáveis",
    ),
    (
        (
            "{lane}: forwarder chosen by the consignee's side for {n} of the last {m} bookings,"
            " by the shipper's side for {k} of {l} before"
        ),
        (
            "{lane}: bên nhận hàng chỉ định forwarder cho {n} trong {m} booking gần nhất,"
            " trước đó bên gửi hàng chọn {k} trong {l}"
        ),
        (
            "{lane}: agente de cargas escolhido pelo importador em {n} dos últimos {m} bookings,"
            " antes pelo exportador em {k} de {l}"
        ),
    ),
    (
        (
            "{lane}: forwarder chosen by the shipper's side for {n} of the last {m} bookings,"
            " by the consignee's side for {k} of {l} before"
        ),
        (
            "{lane}: bên gửi hàng chọn forwarder cho {n} trong {m} booking gần nhất,"
            " trước đó bên nhận hàng chỉ định {k} trong {l}"
        ),
        (
            "{lane}: agente de cargas escolhido pelo exportador em {n} dos últimos {m} bookings,"
            " antes pelo importador em {k} de {l}"
        ),
    ),
    (
        "the lane has {n} % of the bookings",
        "tuyến này chiếm {n} % số booking",
        "a rota tem {n} % dos bookings",
    ),
    (
        "Volume of the last 3 months at {n} % of its own level before (6 to 15 months ago)",
        "Sản lượng 3 tháng gần nhất bằng {n} % mức của chính khách trước đó (6 đến 15 tháng trước)",
        "Volume dos últimos 3 meses em {n} % do seu próprio nível anterior (6 a 15 meses atrás)",
    ),
)

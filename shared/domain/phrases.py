"""The phrase book of reasons: English, Vietnamese, Portuguese; `{slots}` are facts.

A slot's name says what it is: date, days, count, rate, word, functions, person, lane, inner
(another sentence); anything else is a number or stays as it is. Longer sentences come before those
that they contain.
"""

from __future__ import annotations

from shared.domain.silence_phrases import SILENCE_SENTENCES

SENTENCES: tuple[tuple[str, str, str], ...] = (
    *SILENCE_SENTENCES,
    (
        "The last {n} gaps average {days1}; all gaps {days2}",
        "{n} khoảng cách gần nhất trung bình {days1}; tất cả là {days2}",
        "Os últimos {n} intervalos têm em média {days1}; todos, {days2}",
    ),
    (
        "{n} of the last 4 months below half of the average of the last 12 months; {inner}",
        "{n} trong 4 tháng gần nhất dưới một nửa mức trung bình của 12 tháng gần nhất; {inner}",
        "{n} dos últimos 4 meses abaixo da metade da média dos últimos 12 meses; {inner}",
    ),
    # As scores of earlier versions keep it.
    (
        "{n} of the last 4 months below half of the usual bookings; {inner}",
        "{n} trong 4 tháng gần nhất dưới một nửa số booking thường lệ; {inner}",
        "{n} dos últimos 4 meses abaixo da metade dos bookings habituais; {inner}",
    ),
    (
        "{lane}: 0 bookings since {date}, normally {rate}; all lanes: {inner}",
        "{lane}: 0 booking từ {date}, bình thường {rate}; mọi tuyến: {inner}",
        "{lane}: 0 bookings desde {date}, normalmente {rate}; todas as rotas: {inner}",
    ),
    (
        "{count1} in the last 3 months; {count2} in the 9 before",
        "{count1} trong 3 tháng gần nhất; {count2} trong 9 tháng trước đó",
        "{count1} nos últimos 3 meses; {count2} nos 9 anteriores",
    ),
    (
        "Volume of the last 3 months at {n} % of its own average within the last 12 months",
        (
            "Sản lượng 3 tháng gần nhất bằng {n} % mức trung bình của chính khách trong 12 tháng "
            "gần nhất"
        ),
        "Volume dos últimos 3 meses em {n} % da sua própria média nos últimos 12 meses",
    ),
    # As scores of earlier versions keep it.
    (
        "Volume of the last 3 months is {n} % of the usual",
        "Sản lượng 3 tháng gần nhất bằng {n} % mức thường lệ",
        "O volume dos últimos 3 meses é {n} % do habitual",
    ),
    (
        "Customer for {count1} with {count2}",
        "Là khách hàng {count1} với {count2}",
        "Cliente há {count1} com {count2}",
    ),
    (
        "Several of these facts together",
        "Nhiều điều trên cùng lúc",
        "Vários destes fatos em conjunto",
    ),
    (
        "Risk is kept between 0.1 % and 99.9 %",
        "Rủi ro được giữ trong khoảng 0,1 % đến 99,9 %",
        "O risco é mantido entre 0,1 % e 99,9 %",
    ),
    (
        "Severe complaint {ref} open for {days}, agreed {hours} h",
        "Khiếu nại nghiêm trọng {ref} chưa xử lý trong {days}, cam kết {hours} giờ",
        "Reclamação grave {ref} aberta há {days}, prazo acordado de {hours} h",
    ),
    (
        "Severe complaint {ref} was solved late, on {date}",
        "Khiếu nại nghiêm trọng {ref} được giải quyết trễ, ngày {date}",
        "Reclamação grave {ref} resolvida com atraso, em {date}",
    ),
    (
        "Severe complaint {ref} solved in time, satisfaction {n} of 5",
        "Khiếu nại nghiêm trọng {ref} được giải quyết đúng hạn, hài lòng {n}/5",
        "Reclamação grave {ref} resolvida no prazo, satisfação {n} de 5",
    ),
    (
        "{n} document or billing complaints in 60 days, the last on {date}",
        "{n} khiếu nại về chứng từ hoặc hóa đơn trong 60 ngày, lần cuối {date}",
        "{n} reclamações de documentos ou faturas em 60 dias, a última em {date}",
    ),
    (
        "{n} complaints about {word} in 90 days, the last on {date}",
        "{n} khiếu nại về {word} trong 90 ngày, lần cuối {date}",
        "{n} reclamações sobre {word} em 90 dias, a última em {date}",
    ),
    (
        "{n} complaints in 90 days, the last on {date}",
        "{n} khiếu nại trong 90 ngày, lần cuối {date}",
        "{n} reclamações em 90 dias, a última em {date}",
    ),
    (
        "Complaint {ref} reopened on {date}",
        "Khiếu nại {ref} bị mở lại ngày {date}",
        "Reclamação {ref} reaberta em {date}",
    ),
    (
        "Complaint {ref} escalated on {date}",
        "Khiếu nại {ref} bị đẩy lên cấp trên ngày {date}",
        "Reclamação {ref} escalonada em {date}",
    ),
    (
        "Complaint {ref} closed with satisfaction {n} of 5",
        "Khiếu nại {ref} đóng với mức hài lòng {n}/5",
        "Reclamação {ref} encerrada com satisfação {n} de 5",
    ),
    (
        "The {word} is unreachable since {date}; no successor is named",
        "Không liên lạc được với {word} từ {date}; chưa có người thay thế",
        "{word}: sem resposta desde {date}; sem sucessor indicado",
    ),
    (
        "The {word} left on {date}; no successor is named",
        "{word} đã rời đi ngày {date}; chưa có người thay thế",
        "{word}: saiu em {date}; sem sucessor indicado",
    ),
    (
        "The only known contact is gone since {date}",
        "Đầu mối liên hệ duy nhất đã nghỉ từ {date}",
        "O único contato conhecido saiu em {date}",
    ),
    (
        "New head of {functions} since {date}",
        "Có trưởng bộ phận {functions} mới từ {date}",
        "Nova chefia de {functions} desde {date}",
    ),
    (
        "One contact only since {date}",
        "Chỉ có một đầu mối liên hệ từ {date}",
        "Um só contato desde {date}",
    ),
    (
        "Contacts in {n} functions ({functions})",
        "Có đầu mối ở {n} bộ phận ({functions})",
        "Contatos em {n} áreas ({functions})",
    ),
    (
        "Our key account manager changed on {date}",
        "Chúng ta đổi người phụ trách khách hàng ngày {date}",
        "O nosso KAM mudou em {date}",
    ),
    (
        "3 or more bookings rolled in the 30 days to {date}",
        "Từ 3 booking trở lên bị rớt tàu trong 30 ngày đến {date}",
        "3 ou mais bookings rolados nos 30 dias até {date}",
    ),
    (
        "2 or more bookings rejected in the 30 days to {date}",
        "Từ 2 booking trở lên bị từ chối trong 30 ngày đến {date}",
        "2 ou mais bookings recusados nos 30 dias até {date}",
    ),
    (
        "{n} of {all} deliveries late in the last 2 months; agreed are {share} % on time",
        "{n} trên {all} lần giao trễ trong 2 tháng gần nhất; cam kết {share} % đúng hạn",
        "{n} de {all} entregas atrasadas nos últimos 2 meses; acordado: {share} % no prazo",
    ),
    (
        (
            "{n} of {all} deliveries late in 2 months running, {count} ago; "
            "agreed are {share} % on time"
        ),
        (
            "{n} trên {all} lần giao trễ trong 2 tháng liền, cách đây {count}; "
            "cam kết {share} % đúng hạn"
        ),
        (
            "{n} de {all} entregas atrasadas em 2 meses seguidos, há {count}; "
            "acordado: {share} % no prazo"
        ),
    ),
    (
        "{n} of {all} bookings cancelled in 3 months; {before} of {total} in the 9 before",
        "{n} trên {all} booking bị hủy trong 3 tháng; {before} trên {total} trong 9 tháng trước",
        "{n} de {all} bookings cancelados em 3 meses; {before} de {total} nos 9 anteriores",
    ),
    (
        "{n} % of the inputs are silent",
        "{n} % nguồn dữ liệu đang im lặng",
        "{n} % das fontes de dados estão em silêncio",
    ),
)

import pytest

from shared.domain.alert_phrases import ALERT_SENTENCES
from shared.domain.phrases import SENTENCES
from shared.domain.sentences import knows, said


@pytest.mark.parametrize(
    ("english", "vi", "pt"),
    [
        (
            "No booking for 47 days (last on 9 Feb 2026); the usual gap is 2.5 days",
            "Không có booking trong 47 ngày (lần cuối 09/02/2026); thường cách nhau 2,5 ngày",
            "Sem bookings há 47 dias (o último em 09/02/2026); o intervalo habitual é de 2,5 dias",
        ),
        (
            (
                "VNHPH-DEHAM: 0 bookings since 12 Feb 2026, normally 4 a week; "
                "all lanes: 1 booking day in the last 3 months; 30 booking days in the 9 before"
            ),
            (
                "VNHPH-DEHAM: 0 booking từ 12/02/2026, bình thường 4 lần mỗi tuần; "
                "mọi tuyến: 1 ngày có booking trong 3 tháng gần nhất; "
                "30 ngày có booking trong 9 tháng trước đó"
            ),
            (
                "VNHPH-DEHAM: 0 bookings desde 12/02/2026, normalmente 4 por semana; "
                "todas as rotas: 1 dia com bookings nos últimos 3 meses; "
                "30 dias com bookings nos 9 anteriores"
            ),
        ),
        (
            (
                "DEHAM-VNHPH: 0 bookings since 10 Sep 2026, normally 2 a week; all lanes: "
                "2 of the last 4 months below half of the usual bookings; "
                "1 booking day in the last 3 months; 30 booking days in the 9 before"
            ),
            (
                "DEHAM-VNHPH: 0 booking từ 10/09/2026, bình thường 2 lần mỗi tuần; mọi tuyến: "
                "2 trong 4 tháng gần nhất dưới một nửa số booking thường lệ; "
                "1 ngày có booking trong 3 tháng gần nhất; "
                "30 ngày có booking trong 9 tháng trước đó"
            ),
            (
                "DEHAM-VNHPH: 0 bookings desde 10/09/2026, normalmente 2 por semana; "
                "todas as rotas: 2 dos últimos 4 meses abaixo da metade dos bookings habituais; "
                "1 dia com bookings nos últimos 3 meses; "
                "30 dias com bookings nos 9 anteriores"
            ),
        ),
        (
            "Customer for 1 month with 1 day with a booking or request",
            "Là khách hàng 1 tháng với 1 ngày có booking hoặc yêu cầu",
            "Cliente há 1 mês com 1 dia com booking ou pedido",
        ),
        (
            "The champion left on 1 Mar 2026; no successor is named",
            "Người ủng hộ đã rời đi ngày 01/03/2026; chưa có người thay thế",
            "Defensor interno: saiu em 01/03/2026; sem sucessor indicado",
        ),
        (
            (
                "Last booking on 22 Jun 2026; 31.3 % chance that a loss starts within 1 month "
                "(early warning from 24.8 %); "
                "raised to high: severe complaint beyond its agreed time"
            ),
            (
                "Booking cuối ngày 22/06/2026; khả năng bắt đầu mất khách trong vòng 1 tháng là "
                "31,3 % (cảnh báo sớm từ 24,8 %); "
                "nâng lên mức cao: khiếu nại nghiêm trọng quá thời hạn cam kết"
            ),
            (
                "Último booking em 22/06/2026; chance de 31,3 % de uma perda começar em até 1 mês "
                "(alerta antecipado a partir de 24,8 %); "
                "elevado a alto: reclamação grave fora do prazo acordado"
            ),
        ),
        (
            (
                "No booking for 50 days (last on 9 Feb 2026); the usual gap is 7 days, the longest "
                "of 2 gaps was 9 days"
            ),
            (
                "Không có booking trong 50 ngày (lần cuối 09/02/2026); thường cách nhau 7 ngày, "
                "dài nhất trong 2 lần là 9 ngày"
            ),
            (
                "Sem bookings há 50 dias (o último em 09/02/2026); o intervalo habitual é de 7 "
                "dias, o mais longo de 2 foi de 9 dias"
            ),
        ),
        (
            (
                "No booking or request for 50 days (last on 9 Feb 2026, rejected); the usual gap "
                "is 7 days, the longest of 59 gaps was 9 days"
            ),
            (
                "Không có booking hay yêu cầu trong 50 ngày (lần cuối 09/02/2026, bị từ chối); "
                "thường cách nhau 7 ngày, dài nhất trong 59 lần là 9 ngày"
            ),
            (
                "Sem bookings nem pedidos há 50 dias (o último em 09/02/2026, recusado); o "
                "intervalo habitual é de 7 dias, o mais longo de 59 foi de 9 dias"
            ),
        ),
        (
            "Volume of the last 3 months at 61 % of its own average within the last 12 months",
            (
                "Sản lượng 3 tháng gần nhất bằng 61 % mức trung bình của chính khách trong 12 "
                "tháng gần nhất"
            ),
            "Volume dos últimos 3 meses em 61 % da sua própria média nos últimos 12 meses",
        ),
        (
            # As alerts of earlier versions keep it.
            "a loss is likely within 11 months",
            "có khả năng mất khách trong vòng 11 tháng",
            "perda provável em até 11 meses",
        ),
        (
            "The decision maker (procurement) could not be reached on 2 Mar 2026",
            "Không liên lạc được với người quyết định (mua hàng), ngày 02/03/2026",
            "Decisor (compras): sem resposta em 02/03/2026",
        ),
        (
            "The primary contact left on 2 Mar 2026",
            "Đầu mối chính đã rời đi ngày 02/03/2026",
            "Contato principal: saiu em 02/03/2026",
        ),
        (
            "Severe complaint TK0003-005 about damage, on 22 Jun 2026",
            "Khiếu nại nghiêm trọng TK0003-005 về hư hỏng, ngày 22/06/2026",
            "Reclamação grave TK0003-005 sobre danos, em 22/06/2026",
        ),
        (
            "Complaint T-9 open since 2 Mar 2026, agreed 1.5 h",
            "Khiếu nại T-9 chưa xử lý từ 02/03/2026, cam kết 1,5 giờ",
            "Reclamação T-9 aberta desde 02/03/2026, prazo acordado de 1,5 h",
        ),
        (
            "3 complaints opened in 14 days, the last on 17 Jun 2026",
            "3 khiếu nại trong 14 ngày, lần cuối 17/06/2026",
            "3 reclamações abertas em 14 dias, a última em 17/06/2026",
        ),
        (
            "VNHPH-DEHAM (sea): 1 booking in 90 days, normally 2 a week; other lanes steady",
            (
                "VNHPH-DEHAM (đường biển): 1 booking trong 90 ngày, bình thường 2 lần mỗi tuần; "
                "các tuyến khác ổn định"
            ),
            (
                "VNHPH-DEHAM (marítimo): 1 booking em 90 dias, normalmente 2 por semana; "
                "demais rotas estáveis"
            ),
        ),
        (
            "9 of 29 deliveries late in 2 months running, a month ago; agreed are 97.5 % on time",
            "9 trên 29 lần giao trễ trong 2 tháng liền, cách đây 1 tháng; cam kết 97,5 % đúng hạn",
            "9 de 29 entregas atrasadas em 2 meses seguidos, há 1 mês; acordado: 97,5 % no prazo",
        ),
    ],
)
def test_a_reason_is_said_in_the_readers_language(english, vi, pt):
    assert said(english, "en") == english
    assert said(english, "vi") == vi
    assert said(english, "pt") == pt


def test_what_the_book_does_not_know_stays_as_it_is():
    assert said("Something new", "vi") == "Something new"
    assert not knows("Something new")
    assert said("Several of these facts together", "xx") == "Several of these facts together"


def test_what_is_known_is_said_though_another_part_is_not():
    assert said("Something new; floor: sponsor or champion left", "pt") == (
        "Something new; elevado a alto: patrocinador ou defensor interno saiu"
    )
    assert not knows("Something new; floor: sponsor or champion left")


def test_every_sentence_has_the_same_facts_in_every_language():
    for english, *others in (*SENTENCES, *ALERT_SENTENCES):
        slots = {part.split("}")[0] for part in english.split("{")[1:]}
        for other in others:
            assert {part.split("}")[0] for part in other.split("{")[1:]} == slots

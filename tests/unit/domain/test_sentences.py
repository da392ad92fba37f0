import pytest

from shared.domain.phrases import SENTENCES
from shared.domain.sentences import knows, said


@pytest.mark.parametrize(
    ("english", "vi", "pt"),
    [
        (
            "No booking for 47 days (last on 9 Feb 2026); the usual gap is 2.5 days",
            "Không có booking trong 47 ngày (lần cuối 09/02/2026); thường cách nhau 2,5 ngày",
            "Sem reservas há 47 dias (a última em 09/02/2026); o intervalo habitual é de 2,5 dias",
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
                "VNHPH-DEHAM: 0 reservas desde 12/02/2026, normalmente 4 por semana; "
                "todas as rotas: 1 dia com reservas nos últimos 3 meses; "
                "30 dias com reservas nos 9 anteriores"
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
                "DEHAM-VNHPH: 0 reservas desde 10/09/2026, normalmente 2 por semana; "
                "todas as rotas: 2 dos últimos 4 meses abaixo de metade das reservas habituais; "
                "1 dia com reservas nos últimos 3 meses; "
                "30 dias com reservas nos 9 anteriores"
            ),
        ),
        (
            "Customer for 1 month with 1 day with a booking or request",
            "Là khách hàng 1 tháng với 1 ngày có booking hoặc yêu cầu",
            "Cliente há 1 mês com 1 dia com reserva ou pedido",
        ),
        (
            "The champion left on 1 Mar 2026; no successor is named",
            "Người ủng hộ đã rời đi ngày 01/03/2026; chưa có người thay thế",
            "Defensor: saiu em 01/03/2026; sem sucessor indicado",
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


def test_every_sentence_has_the_same_facts_in_every_language():
    for english, *others in SENTENCES:
        slots = {part.split("}")[0] for part in english.split("{")[1:]}
        for other in others:
            assert {part.split("}")[0] for part in other.split("{")[1:]} == slots

"""The phrase book of silences: how long ago an account booked, as `phrases` holds the rest."""

from __future__ import annotations

SILENCE_SENTENCES: tuple[tuple[str, str, str], ...] = (
    (
        (
            "No booking or warehouse work for {days1} until its feed fell silent on {date1} "
            "(last on {date2}); the usual gap is {days2}"
        ),
        (
            "Không có booking hay công việc kho trong {days1} cho đến khi nguồn dữ liệu ngừng gửi "
            "ngày {date1} (lần cuối {date2}); thường cách nhau {days2}"
        ),
        (
            "Sem bookings nem trabalho de armazém há {days1} quando a fonte de dados parou de "
            "enviar, em {date1} (o último em {date2}); o intervalo habitual é de {days2}"
        ),
    ),
    (
        (
            "Booking or warehouse work until its feed fell silent on {date1} (last on {date2}); "
            "the usual gap is {days}"
        ),
        (
            "Có booking hoặc công việc kho cho đến khi nguồn dữ liệu ngừng gửi ngày {date1} "
            "(lần cuối {date2}); thường cách nhau {days}"
        ),
        (
            "Com bookings ou trabalho de armazém até a fonte de dados parar de enviar, em {date1} "
            "(o último em {date2}); o intervalo habitual é de {days}"
        ),
    ),
    (
        (
            "No booking or warehouse work for {days1} (last on {date}); the usual gap is {days2}, "
            "the longest of {n} gaps was {days3}"
        ),
        (
            "Không có booking hay công việc kho trong {days1} (lần cuối {date}); thường cách nhau "
            "{days2}, dài nhất trong {n} lần là {days3}"
        ),
        (
            "Sem bookings nem trabalho de armazém há {days1} (o último em {date}); o intervalo "
            "habitual é de {days2}, o mais longo de {n} foi de {days3}"
        ),
    ),
    (
        "No booking or warehouse work for {days1} (last on {date}); the usual gap is {days2}",
        (
            "Không có booking hay công việc kho trong {days1} (lần cuối {date}); thường cách nhau "
            "{days2}"
        ),
        (
            "Sem bookings nem trabalho de armazém há {days1} (o último em {date}); o intervalo "
            "habitual é de {days2}"
        ),
    ),
    (
        "Booking or warehouse work today ({date}); the usual gap is {days}",
        "Có booking hoặc công việc kho hôm nay ({date}); thường cách nhau {days}",
        "Booking ou trabalho de armazém hoje ({date}); o intervalo habitual é de {days}",
    ),
    (
        "Last booking or warehouse work {days1} ago ({date}); the usual gap is {days2}",
        "Booking hoặc công việc kho gần nhất cách đây {days1} ({date}); thường cách nhau {days2}",
        (
            "Último booking ou trabalho de armazém há {days1} (em {date}); o intervalo habitual é "
            "de {days2}"
        ),
    ),
    (
        (
            "No booking for {days1} until its feed fell silent on {date1} (last on {date2}); "
            "the usual gap is {days2}"
        ),
        (
            "Không có booking trong {days1} cho đến khi nguồn dữ liệu ngừng gửi ngày {date1} "
            "(lần cuối {date2}); thường cách nhau {days2}"
        ),
        (
            "Sem bookings há {days1} quando a fonte de dados parou de enviar, em {date1} "
            "(o último em {date2}); o intervalo habitual é de {days2}"
        ),
    ),
    (
        ("Booked until its feed fell silent on {date1} (last on {date2}); the usual gap is {days}"),
        (
            "Có booking cho đến khi nguồn dữ liệu ngừng gửi ngày {date1} (lần cuối {date2}); "
            "thường cách nhau {days}"
        ),
        (
            "Com bookings até a fonte de dados parar de enviar, em {date1} (o último em {date2}); "
            "o intervalo habitual é de {days}"
        ),
    ),
    (
        (
            "No booking for {days1} (last on {date}); the usual gap is {days2}, "
            "the longest of {n} gaps was {days3}"
        ),
        (
            "Không có booking trong {days1} (lần cuối {date}); thường cách nhau {days2}, "
            "dài nhất trong {n} lần là {days3}"
        ),
        (
            "Sem bookings há {days1} (o último em {date}); o intervalo habitual é de {days2}, "
            "o mais longo de {n} foi de {days3}"
        ),
    ),
    # As scores of earlier versions keep it; so the one of a request below.
    (
        (
            "No booking for {days1} (last on {date}); the usual gap is {days2}, "
            "longer than ever before"
        ),
        (
            "Không có booking trong {days1} (lần cuối {date}); thường cách nhau {days2}, "
            "lâu hơn bao giờ hết"
        ),
        (
            "Sem bookings há {days1} (o último em {date}); o intervalo habitual é de {days2}, "
            "mais longo do que nunca"
        ),
    ),
    (
        "No booking for {days1} (last on {date}); the usual gap is {days2}",
        "Không có booking trong {days1} (lần cuối {date}); thường cách nhau {days2}",
        "Sem bookings há {days1} (o último em {date}); o intervalo habitual é de {days2}",
    ),
    (
        "Booked today ({date}); the usual gap is {days}",
        "Đã đặt booking hôm nay ({date}); thường cách nhau {days}",
        "Booking hoje ({date}); o intervalo habitual é de {days}",
    ),
    (
        "Booked {days1} ago (last on {date}); the usual gap is {days2}",
        "Đã đặt booking cách đây {days1} (lần cuối {date}); thường cách nhau {days2}",
        "Último booking há {days1} (em {date}); o intervalo habitual é de {days2}",
    ),
    (
        (
            "No booking or request for {days1} (last on {date}, rejected); the usual gap is "
            "{days2}, the longest of {n} gaps was {days3}"
        ),
        (
            "Không có booking hay yêu cầu trong {days1} (lần cuối {date}, bị từ chối); thường "
            "cách nhau {days2}, dài nhất trong {n} lần là {days3}"
        ),
        (
            "Sem bookings nem pedidos há {days1} (o último em {date}, recusado); o intervalo "
            "habitual é de {days2}, o mais longo de {n} foi de {days3}"
        ),
    ),
    (
        (
            "No booking or request for {days1} (last on {date}, rejected); the usual gap is "
            "{days2}, longer than ever before"
        ),
        (
            "Không có booking hay yêu cầu trong {days1} (lần cuối {date}, bị từ chối); thường "
            "cách nhau {days2}, lâu hơn bao giờ hết"
        ),
        (
            "Sem bookings nem pedidos há {days1} (o último em {date}, recusado); o intervalo "
            "habitual é de {days2}, mais longo do que nunca"
        ),
    ),
    (
        "No booking or request for {days1} (last on {date}, rejected); the usual gap is {days2}",
        (
            "Không có booking hay yêu cầu trong {days1} (lần cuối {date}, bị từ chối); thường "
            "cách nhau {days2}"
        ),
        (
            "Sem bookings nem pedidos há {days1} (o último em {date}, recusado); o intervalo "
            "habitual é de {days2}"
        ),
    ),
    (
        "Booking rejected today ({date}); the usual gap is {days}",
        "Booking bị từ chối hôm nay ({date}); thường cách nhau {days}",
        "Booking recusado hoje ({date}); o intervalo habitual é de {days}",
    ),
    (
        "Booking rejected {days1} ago ({date}); the usual gap is {days2}",
        "Booking bị từ chối cách đây {days1} ({date}); thường cách nhau {days2}",
        "Booking recusado há {days1} (em {date}); o intervalo habitual é de {days2}",
    ),
)

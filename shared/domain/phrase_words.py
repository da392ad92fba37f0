"""The words that fill the phrase book: (Vietnamese, Portuguese) by the English one."""

from __future__ import annotations

LANGUAGES = ("vi", "pt")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

NOUNS: dict[str, tuple[str, str]] = {
    "booking": ("booking", "booking"),
    "bookings": ("booking", "bookings"),
    "day": ("ngày", "dia"),
    "days": ("ngày", "dias"),
    "month": ("tháng", "mês"),
    "months": ("tháng", "meses"),
    "day with a booking or request": (
        "ngày có booking hoặc yêu cầu",
        "dia com booking ou pedido",
    ),
    "days with a booking or request": (
        "ngày có booking hoặc yêu cầu",
        "dias com booking ou pedido",
    ),
    "day with a booking, request or warehouse work": (
        "ngày có booking, yêu cầu hoặc công việc kho",
        "dia com booking, pedido ou trabalho de armazém",
    ),
    "days with a booking, request or warehouse work": (
        "ngày có booking, yêu cầu hoặc công việc kho",
        "dias com booking, pedido ou trabalho de armazém",
    ),
    "booking day": ("ngày có booking", "dia com bookings"),
    "booking days": ("ngày có booking", "dias com bookings"),
}

RATES: dict[str, tuple[str, str]] = {
    "a week": ("lần mỗi tuần", "por semana"),
    "a month": ("lần mỗi tháng", "por mês"),
    "a year": ("lần mỗi năm", "por ano"),
}

MODES: dict[str, tuple[str, str]] = {
    "sea": ("đường biển", "marítimo"),
    "air": ("hàng không", "aéreo"),
    "road": ("đường bộ", "rodoviário"),
    "rail": ("đường sắt", "ferroviário"),
    "multimodal": ("đa phương thức", "multimodal"),
    "courier": ("chuyển phát nhanh", "expresso"),
}

WORDS: dict[str, tuple[str, str]] = {
    "decision maker": ("người quyết định", "decisor"),
    "primary contact": ("đầu mối chính", "contato principal"),
    "sponsor": ("người bảo trợ", "patrocinador"),
    "champion": ("người ủng hộ", "defensor interno"),
    "late": ("giao trễ", "atrasos"),
    "damage": ("hư hỏng", "danos"),
    "loss": ("mất mát", "perdas"),
    "billing": ("hóa đơn", "faturas"),
    "documents": ("chứng từ", "documentos"),
    "service": ("dịch vụ", "serviço"),
    "price": ("giá", "preço"),
    "space": ("chỗ", "espaço"),
    "customs": ("hải quan", "desembaraço aduaneiro"),
    "temperature": ("nhiệt độ", "temperatura"),
    "security": ("an ninh", "segurança"),
    "other": ("việc khác", "outros assuntos"),
}

FUNCTIONS: dict[str, tuple[str, str]] = {
    "procurement": ("mua hàng", "compras"),
    "logistics": ("logistics", "logística"),
    "operations": ("vận hành", "operações"),
    "customs": ("hải quan", "desembaraço aduaneiro"),
    "finance": ("tài chính", "finanças"),
    "warehouse": ("kho", "armazém"),
    "quality": ("chất lượng", "qualidade"),
    "executive": ("ban giám đốc", "diretoria"),
    "other": ("bộ phận khác", "outra área"),
}

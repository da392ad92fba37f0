"""Finding an account and leaving the page: (English, Vietnamese, Portuguese)."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str, str]] = {
    "find": ("Find accounts", "Tìm khách hàng", "Buscar contas"),
    "search": ("Name or id", "Tên hoặc mã", "Nome ou código"),
    "anybody": ("Everybody", "Tất cả", "Todos"),
    "nobody": ("Nobody", "Chưa có ai", "Ninguém"),
    "any_band": ("All levels", "Mọi mức", "Todos os níveis"),
    "any_situation": ("Any", "Tất cả", "Todas"),
    "any_alerts": ("With or without", "Có hoặc không", "Com ou sem"),
    "with_alerts": ("With open alerts", "Có cảnh báo đang mở", "Com alertas abertos"),
    "order": ("Order", "Sắp xếp", "Ordem"),
    "order_to_keep": ("Highest risk first", "Rủi ro cao trước", "Maior risco primeiro"),
    "order_margin_at_risk": (
        "Most margin at risk first",
        "Lợi nhuận gộp có rủi ro nhiều trước",
        "Maior margem em risco primeiro",
    ),
    "order_name": ("Name", "Tên", "Nome"),
    "order_longest_silent": (
        "Longest without a booking first",
        "Lâu chưa có booking trước",
        "Mais tempo sem booking primeiro",
    ),
    "order_last_booked": (
        "Latest booking first",
        "Booking gần nhất trước",
        "Booking mais recente primeiro",
    ),
    "show": ("Show", "Xem", "Mostrar"),
    "show_all": ("Show all", "Xem tất cả", "Mostrar todas"),
    "next_page": ("Next page", "Trang sau", "Próxima página"),
    "first_page": ("First page", "Trang đầu", "Primeira página"),
    "none_found": (
        "No account fits: 0 found.",
        "Không có khách hàng phù hợp: tìm thấy 0.",
        "Nenhuma conta corresponde: 0 encontradas.",
    ),
    "unknown_filter": (
        "No account is shown, since no such filter is known:",
        "Không hiện khách hàng nào vì không có điều kiện này:",
        "Nenhuma conta é mostrada, pois este filtro não é conhecido:",
    ),
    "clear_filters": (
        "Clear the filters, show all accounts",
        "Bỏ các điều kiện, xem tất cả khách hàng",
        "Limpar os filtros, mostrar todas as contas",
    ),
    "none_known": (
        "No account is known yet: the first event that names one makes it known.",
        "Chưa có khách hàng nào: sự kiện đầu tiên nêu tên sẽ tạo khách hàng.",
        "Nenhuma conta é conhecida ainda: o primeiro evento que nomeia uma a torna conhecida.",
    ),
    "many_found": (
        "{count} accounts found",
        "Tìm thấy {count} khách hàng",
        "{count} contas encontradas",
    ),
    "one_found": ("1 account found", "Tìm thấy 1 khách hàng", "1 conta encontrada"),
    "one_changed": (
        "1 alert has changed since.",
        "Đã có 1 cảnh báo thay đổi.",
        "1 alerta mudou desde então.",
    ),
    "many_changed": (
        "{count} alerts have changed since.",
        "Đã có {count} cảnh báo thay đổi.",
        "{count} alertas mudaram desde então.",
    ),
    "reload": ("Load anew", "Tải lại", "Recarregar"),
    "sign_out": ("Sign out", "Đăng xuất", "Sair"),
    "signed_out": (
        "You are signed out on this browser.",
        "Bạn đã đăng xuất trên trình duyệt này.",
        "Você saiu neste navegador.",
    ),
}

"""How far the playbook of an alert has come: (English, Vietnamese, Portuguese)."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str, str]] = {
    "first_action_by": (
        "first action on the alert by",
        "hành động đầu tiên cho cảnh báo trước",
        "primeira ação no alerta até",
    ),
    "play_waits": (
        ("Its playbook has not begun: “{title}” is running on this account since {day}."),
        (
            "Kịch bản của cảnh báo này chưa bắt đầu: “{title}” đang chạy cho khách hàng này"
            " từ {day}."
        ),
        (
            "O playbook deste alerta não começou: “{title}” está em andamento nesta conta"
            " desde {day}."
        ),
    ),
    "play_then": (
        "It begins once that one is closed.",
        "Kịch bản này sẽ bắt đầu khi kịch bản kia được đóng.",
        "Começa quando esse for encerrado.",
    ),
    "play_soon": (
        "Its playbook begins in a moment: load the page again to see its tasks.",
        "Kịch bản của cảnh báo này sắp bắt đầu: hãy tải lại trang để xem các việc.",
        "O playbook deste alerta começa em instantes: recarregue a página para ver as tarefas.",
    ),
    "play_idle": (
        "Its playbook has not begun, and no other is running.",
        "Kịch bản của cảnh báo này chưa bắt đầu và không có kịch bản nào đang chạy.",
        "O playbook deste alerta não começou, e nenhum outro está em andamento.",
    ),
    "play_cools": (
        "It ran here lately, so it does not begin again by itself: start it if it is needed.",
        "Kịch bản này vừa chạy gần đây nên không tự bắt đầu lại: hãy bắt đầu nếu cần.",
        "Ele foi executado há pouco nesta conta e não recomeça sozinho: inicie se for preciso.",
    ),
    "play_again": (
        "A run of it that began before the alert was taken up again is closed.",
        "Một lượt chạy bắt đầu từ trước khi cảnh báo mở lại đã được đóng.",
        "Uma execução iniciada antes de o alerta ser retomado já foi encerrada.",
    ),
    "start_run": ("Start playbook", "Bắt đầu kịch bản", "Iniciar playbook"),
    "did_start": (
        "The playbook has begun: its tasks are below.",
        "Kịch bản đã bắt đầu: xem các việc bên dưới.",
        "O playbook começou: as tarefas estão abaixo.",
    ),
    "play_done": (
        "Every task of “{title}” is done: close it with its outcome.",
        "Mọi việc của “{title}” đã xong: hãy đóng kịch bản cùng kết quả.",
        "Todas as tarefas de “{title}” foram feitas: encerre-o com o resultado.",
    ),
    "play_closed": (
        "Its playbook is closed: resolve the alert, or snooze it",
        "Kịch bản đã đóng: hãy đóng hoặc tạm hoãn cảnh báo",
        "O playbook foi encerrado: encerre o alerta ou adie",
    ),
}

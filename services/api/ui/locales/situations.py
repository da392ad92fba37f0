"""What stands beside a risk: its cuts, what explains it, what is odd of its account.

Each in English, Vietnamese and Portuguese.
"""

from __future__ import annotations

WORDS: dict[str, tuple[str, str, str]] = {
    "cuts": (
        "How the risk levels are cut",
        "Các mức rủi ro được chia thế nào",
        "Como os níveis de risco são definidos",
    ),
    "cuts_of": (
        "{list}: watch from {watch}, high from {high}, critical from {critical}",
        "{list}: theo dõi từ {watch}, cao từ {high}, nghiêm trọng từ {critical}",
        (
            "{list}: atenção a partir de {watch}, alto a partir de {high}, crítico a partir de "
            "{critical}"
        ),
    ),
    "cuts_why": (
        (
            "In points of risk (0-100). Each situation has levels of its own: who is going silent "
            "has a far higher risk than who is still booking, and would take all the attention. So "
            "30 points may be high for one account and healthy for another. A sponsor who left and "
            "a severe complaint beyond its agreed time raise the level to at least high."
        ),
        (
            "Tính theo điểm rủi ro (0-100). Mỗi tình trạng có các mức riêng: khách đang thưa dần "
            "có rủi ro cao hơn nhiều so với khách đang đi hàng và sẽ chiếm hết sự chú ý. Vì vậy 30 "
            "điểm có thể là cao với khách này nhưng ổn định với khách khác. Người bảo trợ rời đi "
            "hoặc khiếu nại nghiêm trọng quá thời hạn cam kết nâng mức lên ít nhất là cao."
        ),
        (
            "Em pontos de risco (0-100). Cada situação tem níveis próprios: quem está silenciando "
            "tem risco muito maior do que quem está ativo e tomaria toda a atenção. Por isso 30 "
            "pontos podem ser alto para uma conta e saudável para outra. A saída de um "
            "patrocinador e uma reclamação grave fora do prazo acordado elevam o nível para pelo "
            "menos alto."
        ),
    ),
    "curve_cut": (
        "Dashed line: the chance from which the early warning counts, {cut} %.",
        "Đường nét đứt: khả năng mà từ đó cảnh báo sớm được tính, {cut} %.",
        "Linha tracejada: a chance a partir da qual conta o alerta antecipado, {cut} %.",
    ),
    "zone_unknown": (
        "Its time zone “{zone}” is not known: what is due is said in UTC.",
        "Không nhận ra múi giờ “{zone}” của khách: hạn xử lý được ghi theo UTC.",
        "O fuso horário “{zone}” não é conhecido: os prazos estão em UTC.",
    ),
    "explained_no_data": ("Feed silent", "Nguồn dữ liệu ngừng gửi", "Fonte de dados parada"),
    "explained_hold": ("On hold by us", "Bên mình đang tạm dừng", "Suspensa por nós"),
    "explained_project_end": ("Project ended", "Dự án đã kết thúc", "Projeto encerrado"),
    "explained_merged": (
        "Merged into another account",
        "Đã gộp vào khách hàng khác",
        "Incorporada em outra conta",
    ),
    "explained_season": ("Out of season", "Đang trái mùa", "Fora da temporada"),
    "explained_since_no_data": (
        "Feed silent since {day}",
        "Nguồn dữ liệu ngừng gửi từ {day}",
        "Fonte de dados parada desde {day}",
    ),
    "explained_since_hold": (
        "On hold by us since {day}",
        "Bên mình tạm dừng từ {day}",
        "Suspensa por nós desde {day}",
    ),
    "explained_since_project_end": (
        "Project ended on {day}",
        "Dự án kết thúc ngày {day}",
        "Projeto encerrado em {day}",
    ),
    "explained_since_merged": (
        "Merged into another account on {day}",
        "Đã gộp vào khách hàng khác ngày {day}",
        "Incorporada em outra conta em {day}",
    ),
    "merge_faulty": (
        "Merge without effect",
        "Việc gộp không có hiệu lực",
        "Incorporação sem efeito",
    ),
    "explained_why": (
        (
            "That explains a fall of its bookings: it raises no alert, and its margin is not "
            "counted as at risk."
        ),
        (
            "Điều này giải thích việc booking giảm: không có cảnh báo, và lợi nhuận gộp của khách "
            "không được tính là có rủi ro."
        ),
        (
            "Isso explica uma queda dos bookings: ela não gera alerta, e a margem da conta não é "
            "contada como em risco."
        ),
    ),
    "explained_why_no_data": (
        (
            "Risk and reasons are those of before then, and the customer may well be booking: so "
            "it raises no alert, and its margin is not counted as at risk."
        ),
        (
            "Rủi ro và lý do là của trước lúc đó, khách có thể vẫn đang đi hàng: vì vậy không có "
            "cảnh báo, và lợi nhuận gộp của khách không được tính là có rủi ro."
        ),
        (
            "Risco e motivos são os de antes disso, e o cliente pode estar embarcando: por isso "
            "não há alerta, e a margem da conta não é contada como em risco."
        ),
    ),
    "beside": (
        "not counted: {money} of {accounts} whose risk is explained",
        "không tính {money} của {accounts} có rủi ro đã được giải thích",
        "fora da soma: {money} de {accounts} com risco explicado",
    ),
    "explained_last": (
        (
            "Those whose risk is explained (on hold, out of season, feed silent ...) come after "
            "the others, lost ones last."
        ),
        (
            "Khách hàng có rủi ro đã được giải thích (tạm dừng, trái mùa, mất nguồn dữ liệu ...) "
            "xếp sau, khách đã mất xếp cuối."
        ),
        (
            "Contas com risco explicado (suspensas, fora da temporada, sem dados ...) vêm depois "
            "das outras; as perdidas, por último."
        ),
    ),
}

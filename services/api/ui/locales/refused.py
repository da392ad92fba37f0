"""What the page says when it cannot show what was asked for: (English, Vietnamese, Portuguese)."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str, str]] = {
    "refused_400": (
        "Not understood",
        "Không hiểu yêu cầu",
        "Pedido não compreendido",
    ),
    "refused_400_why": (
        "What your browser sent cannot be read. Go back and try once more.",
        "Không đọc được nội dung trình duyệt gửi. Hãy quay lại và thử lần nữa.",
        "Não foi possível ler o que o navegador enviou. Volte e tente outra vez.",
    ),
    "refused_403": ("No access", "Không có quyền", "Sem acesso"),
    "refused_403_why": (
        "The role of your key may not do this. Ask whoever runs Leadline for another key.",
        "Vai trò của khóa không cho phép việc này. Hãy xin khóa khác từ người vận hành Leadline.",
        "O perfil da sua chave não permite isto. Peça outra chave a quem opera o Leadline.",
    ),
    "refused_foreign_form_why": (
        "This form was not sent from this site: nothing was done. Open the page anew.",
        "Biểu mẫu không được gửi từ trang này: chưa làm gì cả. Hãy mở lại trang.",
        "Este formulário não veio deste site: nada foi feito. Abra a página de novo.",
    ),
    "refused_404": ("Not found", "Không tìm thấy", "Não encontrado"),
    "refused_404_why": (
        "There is no account or page of this name, or it belongs to another KAM.",
        "Không có khách hàng hay trang nào tên này, hoặc thuộc KAM khác.",
        "Não há conta nem página com este nome, ou pertence a outro KAM.",
    ),
    "refused_405": ("Not possible here", "Không thực hiện được ở đây", "Não é possível aqui"),
    "refused_405_why": (
        "This address does not take what was sent. Go back to the page.",
        "Địa chỉ này không nhận nội dung đã gửi. Hãy quay lại trang.",
        "Este endereço não aceita o que foi enviado. Volte à página.",
    ),
    "refused_409": ("It has changed", "Đã thay đổi", "Mudou entretanto"),
    "refused_409_why": (
        "Somebody was faster: nothing was done. Open the page anew and decide again.",
        "Có người làm trước: chưa làm gì cả. Hãy mở lại trang và quyết định lại.",
        "Alguém foi mais rápido: nada foi feito. Abra a página de novo e decida outra vez.",
    ),
    "refused_413": ("Too much at once", "Quá nhiều cùng lúc", "Grande demais"),
    "refused_413_why": (
        "What was sent is too long. Shorten it and try again.",
        "Nội dung gửi quá dài. Hãy rút ngắn rồi thử lại.",
        "O texto enviado é longo demais. Encurte e tente de novo.",
    ),
    "refused_422": ("Not understood", "Không hiểu yêu cầu", "Pedido não compreendido"),
    "refused_422_why": (
        "A part of the address or of the form is wrong. Go back to the list and start there.",
        "Một phần địa chỉ hoặc biểu mẫu bị sai. Hãy quay lại danh sách và bắt đầu từ đó.",
        "Uma parte do endereço ou do formulário está errada. Volte à lista e comece por lá.",
    ),
    "refused_500": ("Something broke", "Có lỗi xảy ra", "Algo falhou"),
    "refused_500_why": (
        "The fault is ours and has been logged. Try again in a moment.",
        "Lỗi do chúng tôi và đã được ghi lại. Hãy thử lại sau giây lát.",
        "A falha é nossa e foi registrada. Tente de novo em instantes.",
    ),
    "refused_503": ("Not available now", "Hiện không dùng được", "Indisponível agora"),
    "refused_503_why": (
        "Leadline cannot answer at the moment. Try again in a moment.",
        "Leadline hiện chưa trả lời được. Hãy thử lại sau giây lát.",
        "O Leadline não consegue responder agora. Tente de novo em instantes.",
    ),
}

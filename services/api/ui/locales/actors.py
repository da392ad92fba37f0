"""Keys that act for nobody by name: (English, Vietnamese, Portuguese)."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str, str]] = {
    "key_admin": (
        "Administrator (key {key})",
        "Quản trị viên (khóa {key})",
        "Administrador (chave {key})",
    ),
    "key_manager": ("Manager (key {key})", "Quản lý (khóa {key})", "Gestor (chave {key})"),
    "key_kam": ("KAM (key {key})", "KAM (khóa {key})", "KAM (chave {key})"),
}

"""A workbook encrypted in memory, as spreadsheet programs do it (ECMA-376 agile: AES-256, SHA-512)."""

from io import BytesIO


def encrypted(plain: bytes, password: str) -> bytes:
    """The bytes of an encrypted workbook; others each time, as its salts are drawn anew."""
    from msoffcrypto.format.ooxml import OOXMLFile

    buffer = BytesIO()
    OOXMLFile(BytesIO(plain)).encrypt(password, buffer)
    return buffer.getvalue()

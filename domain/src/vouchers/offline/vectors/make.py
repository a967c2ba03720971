"""Makes the vectors of ../README.md from the format's description alone: none of the Rust code is involved.

    pip install cryptography && python3 make.py
"""

import base64, hashlib, hmac, json, struct, uuid
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SECRET = bytes(range(32))
VOUCHER, OTHER = (uuid.UUID(f"01900000-0000-7000-8000-00000000000{n}") for n in (1, 2))
DAY, SALT, SEED = "2027-01-15", bytes(range(16)), bytes(range(32, 64))


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def half(data):
    return hashlib.sha256(data).digest()[:16]


def wound(value, times):
    for _ in range(times):
        value = half(b"NJC" + value)
    return value


def root(voucher, device):
    return hmac.new(SECRET, b"NJD" + voucher.bytes + struct.pack(">H", device) + DAY.encode(), "sha256").digest()[:16]


def payload(voucher, device, step):
    slot = (step * 30 + 8 * 3600) % 86400 // 300
    mac = hmac.new(SECRET, b"NJ1" + voucher.bytes + struct.pack(">Hq", device, step), "sha256").digest()[:12]
    return f"NJ2.{text(voucher.bytes)}.{device}.{step}.{text(mac)}.{text(wound(root(voucher, device), 287 - slot))}"


def entry(voucher, device):
    return half(b"NJE" + SALT + voucher.bytes + struct.pack(">H", device) + wound(root(voucher, device), 288))


for device, step in ((1, 60000000), (1, 60000009), (1, 60000010), (2, 60000000)):
    print(device, step, payload(VOUCHER, device, step))
page = {
    "format": "NJP1", "stationId": "stn_01j00000007000g00000000005", "deviceId": "scanner-1", "day": DAY,
    "issuedAt": f"{DAY}T06:00:00+08:00", "expiresAt": "2027-01-16T00:00:00+08:00", "salt": text(SALT),
    "caps": {"scans": 3, "amountFen": 4000},
    "batches": [{
        "faceValueFen": 1500, "validFrom": "2027-01-01T00:00:00+08:00", "validTo": "2027-02-01T00:00:00+08:00",
        "meals": [{"name": "全天", "from": "00:00", "to": "24:00"}],
        "entries": text(b"".join(sorted((entry(VOUCHER, 1), entry(OTHER, 1))))),
    }],
}
document = json.dumps(page, separators=(",", ":"), ensure_ascii=False).encode()
open("page.json", "wb").write(document)
key = Ed25519PrivateKey.from_private_bytes(SEED)
print("signature", text(key.sign(document)))
print("public key", text(key.public_key().public_bytes_raw()))

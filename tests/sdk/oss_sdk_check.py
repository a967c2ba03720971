"""Drives the OSS stand-in with Alibaba's official Python SDK (oss2), signatures V1 and V4.

The stand-in is what our own adapters are tested against; this shows that a client nobody here wrote is satisfied with it
too, and that it refuses what OSS refuses. Usage: oss_sdk_check.py http://127.0.0.1:PORT
"""

import sys
import time
import urllib.error
import urllib.request

import oss2

BUCKET, REGION = "union-test", "cn-hangzhou"
checks = 0


def check(holds, what):
    global checks
    if not holds:
        raise SystemExit(f"FAILED: {what}")
    checks += 1
    print(f"  ok: {what}")


def refused(call, status, code, what):
    try:
        call()
    except oss2.exceptions.OssError as error:
        check((error.status, error.code) == (status, code), f"{what}: {error.status} {error.code}")
    else:
        raise SystemExit(f"FAILED: {what}: was accepted")


def fetch(url, method="GET", data=None, headers=None):
    request = urllib.request.Request(url, method=method, data=data, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def bucket_of(endpoint, version, secret="testsecret", key_id="testkey"):
    if version == "V1":
        return oss2.Bucket(oss2.Auth(key_id, secret), endpoint, BUCKET)
    return oss2.Bucket(oss2.AuthV4(key_id, secret), endpoint, BUCKET, region=REGION)


def objects(bucket):
    key, content = "wish/2026/心愿 1+2.jpg", "你好 oss".encode()
    put = bucket.put_object(key, content, headers={"Content-Type": "image/jpeg", "x-oss-meta-owner": "u1"})
    check(put.status == 200 and put.request_id and len(put.etag) == 32, "put_object")
    check(bucket.get_object(key).read() == content, "get_object")
    head = bucket.head_object(key)
    check((head.content_length, head.content_type) == (len(content), "image/jpeg"), "head_object")
    check(bucket.object_exists(key) and not bucket.object_exists("nowhere"), "object_exists")
    md5 = oss2.utils.content_md5(content)
    check(bucket.put_object(key, content, headers={"Content-MD5": md5}).status == 200, "put_object with Content-MD5")
    wrong = {"Content-MD5": oss2.utils.content_md5(b"other")}
    refused(lambda: bucket.put_object(key, content, headers=wrong), 400, "InvalidDigest", "a wrong Content-MD5")
    forbid = {"x-oss-forbid-overwrite": "true"}
    refused(lambda: bucket.put_object(key, content, headers=forbid), 409, "FileAlreadyExists", "forbid-overwrite")
    refused(lambda: bucket.get_object("nowhere"), 404, "NoSuchKey", "get_object of what is not there")
    check(bucket.delete_object(key).status == 204, "delete_object")
    check(bucket.delete_object(key).status == 204, "delete_object again")


def listings(bucket):
    keys = [f"list/{number:02}.jpg" for number in range(5)] + ["list/心 愿/a.jpg", "list/心 愿/b.jpg"]
    for key in keys:
        bucket.put_object(key, b"x")
    found = [one.key for one in oss2.ObjectIteratorV2(bucket, prefix="list/", max_keys=2)]
    check(found == sorted(keys), "list_objects_v2, two at a time")
    page = bucket.list_objects_v2(prefix="list/", delimiter="/")
    check(page.prefix_list == ["list/心 愿/"] and len(page.object_list) == 5, "list_objects_v2 with a delimiter")
    inside = bucket.list_objects_v2(prefix="list/心 愿/", start_after="list/心 愿/a.jpg")
    check([one.key for one in inside.object_list] == ["list/心 愿/b.jpg"], "list_objects_v2 with a prefix, from a key on")
    for key in keys:
        bucket.delete_object(key)
    check(not bucket.list_objects_v2(prefix="list/").object_list, "list_objects_v2 of nothing")


def urls(bucket):
    key = "photos/a.jpg"
    put = bucket.sign_url("PUT", key, 60, headers={"Content-Type": "image/jpeg"}, slash_safe=True)
    check(fetch(put, "PUT", b"picture", {"Content-Type": "image/jpeg"})[0] == 200, "a signed URL puts")
    check(fetch(put, "PUT", b"picture", {"Content-Type": "text/html"})[0] == 403, "but no other type")
    get = bucket.sign_url("GET", key, 60, slash_safe=True)
    check(fetch(get) == (200, b"picture"), "a signed URL gets")
    check(fetch(get, "DELETE")[0] == 403, "but does not delete")
    check(fetch(get.replace("photos/a", "photos/b"))[0] == 403, "nor get another object")
    check(fetch(get.split("?")[0])[0] == 403, "without its signature it gets nothing")
    short = bucket.sign_url("GET", key, 1, slash_safe=True)
    deadline = time.monotonic() + 10
    while fetch(short)[0] == 200 and time.monotonic() < deadline:
        time.sleep(0.2)
    status, body = fetch(short)
    check(status == 403 and b"expired" in body, "and not for ever")
    bucket.delete_object(key)


def strangers(endpoint, version):
    wrong = bucket_of(endpoint, version, secret="wrong")
    refused(lambda: wrong.get_object("a"), 403, "SignatureDoesNotMatch", "a wrong secret")
    unknown = bucket_of(endpoint, version, key_id="nobody")
    refused(lambda: unknown.get_object("a"), 403, "InvalidAccessKeyId", "an unknown key id")
    anonymous = oss2.Bucket(oss2.AnonymousAuth(), endpoint, BUCKET)
    refused(lambda: anonymous.get_object("a"), 403, "AccessDenied", "nobody")


def main(endpoint):
    for version in ("V1", "V4"):
        print(f"oss2 {oss2.__version__}, signature {version}")
        bucket = bucket_of(endpoint, version)
        objects(bucket)
        listings(bucket)
        urls(bucket)
        strangers(endpoint, version)
    print(f"all {checks} checks hold")


if __name__ == "__main__":
    main(sys.argv[1])

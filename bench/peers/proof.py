"""Who is compared must do the work: refuse what is not signed, and append each delivery once."""
import hashlib
import hmac
import http.client
import json

BODY = {'action': 'opened', 'number': 42, 'pull_request': {'number': 42, 'draft': False, 'title': 'Add retry'},
        'repository': {'id': 1, 'full_name': 'acme/api', 'private': True, 'html_url': 'https://github.example/acme/api'},
        'sender': {'id': 7, 'login': 'octocat', 'type': 'User'}}


class NotAPeer(Exception):
    pass


def prove(title, port, secret, count):
    """Raises NotAPeer. `count` says how many messages there are; None for a server that has nowhere to append to."""
    def expect(what, holds):
        if not holds:
            raise NotAPeer(f'{title}: {what}')
    body = json.dumps(BODY, separators=(',', ':')).encode()
    tampered = body.replace(b'octocat', b'octodog')
    before = count() if count else 0
    for what, status in {'a changed body': post(port, tampered, sign(secret, body), 'proof-1'),
                         'another secret': post(port, body, sign(secret[::-1], body), 'proof-1'),
                         'no signature': post(port, body, None, 'proof-1')}.items():
        expect(f'{what} was answered {status}', 400 <= status < 500)
    if count:
        expect('a refused delivery was appended', count() == before)
    for _ in range(2):
        status = post(port, body, sign(secret, body), 'proof-1')
        expect(f'a good delivery was answered {status}', status == 200)
        if count:
            expect('a delivery that came twice was not appended once', count() == before + 1)


def sign(secret, body):
    return 'sha256=' + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def post(port, body, signature, delivery):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=10)
    headers = {'Content-Type': 'application/json', 'X-GitHub-Event': 'pull_request', 'X-GitHub-Delivery': delivery}
    if signature:
        headers['X-Hub-Signature-256'] = signature
    connection.request('POST', '/hooks/github', body, headers)
    status = connection.getresponse().status
    connection.close()
    return status

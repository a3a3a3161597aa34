#!/usr/bin/env python3
"""Writes connectors/shapes/github.txt, what bodies of GitHub's webhooks look like, from the two sets of schemas that npm has.

    npm pack @octokit/webhooks-schemas @octokit/openapi-webhooks      (and unpack both)
    generate_github.py <webhooks-schemas>/schema.json <openapi-webhooks>/generated/api.github.com.json > connectors/shapes/github.txt

One set is older and strict, the other newer and loose: a field is known when either knows it, and always there when either says so.
What texts a field has is taken over only where an enumeration is part of what GitHub documents (VALUES): many schemas list those that
somebody has seen.
The notation is that of event/payload_catalog.hpp.
"""
import copy
import json
import sys

DEPTH_MAX = 12  # deeper than any rule looks; also ends recursion
# What senders choose freely, whatever a schema says of it.
OPEN_FIELDS = {'client_payload', 'inputs', 'custom_properties', 'payload'}
# Field -> lists, by name, of all that it can be; the first that has all of a schema's enumeration counts.
VALUES = {
    'active_lock_reason': {'lock_reason': ['resolved', 'off-topic', 'too heated', 'spam']},
    'author_association': {'association': ['COLLABORATOR', 'CONTRIBUTOR', 'FIRST_TIMER', 'FIRST_TIME_CONTRIBUTOR', 'MANNEQUIN', 'MEMBER', 'NONE', 'OWNER']},
    'conclusion': {'conclusion': ['success', 'failure', 'neutral', 'cancelled', 'skipped', 'timed_out', 'action_required', 'stale', 'startup_failure']},
    'merge_method': {'merge_method': ['merge', 'squash', 'rebase'], 'queue_merge_method': ['MERGE', 'SQUASH', 'REBASE']},
    'ref_type': {'ref_type': ['branch', 'tag']},
    'side': {'side': ['LEFT', 'RIGHT']},
    'start_side': {'side': ['LEFT', 'RIGHT']},
    'state': {
        'state': ['open', 'closed'],
        'review_state': ['approved', 'changes_requested', 'commented', 'dismissed', 'pending'],
        'alert_state': ['open', 'dismissed', 'fixed', 'auto_dismissed'],
        'discussion_state': ['open', 'closed', 'locked', 'converting', 'transferring'],
        'commit_state': ['error', 'failure', 'pending', 'success'],
        'deployment_state': ['error', 'failure', 'inactive', 'in_progress', 'pending', 'queued', 'success', 'waiting']},
    'state_reason': {'state_reason': ['completed', 'not_planned', 'duplicate', 'reopened'],
                     'discussion_reason': ['resolved', 'outdated', 'duplicate', 'reopened']},
    'status': {'run_status': ['requested', 'queued', 'in_progress', 'completed', 'waiting', 'pending']},
    'subject_type': {'subject_type': ['line', 'file']},
    'type': {'account_type': ['Bot', 'User', 'Organization', 'Mannequin']},
    'visibility': {'visibility': ['public', 'private', 'internal']}}
# Documented like the others, but of issues the schemas seldom enumerate it.
ALWAYS_LISTED = {'state_reason': 'state_reason'}
LETTERS = {'string': 's', 'integer': 'n', 'number': 'n', 'boolean': 'b', 'null': 'z'}


class Shape:
    """What a value may be: scalars by letter, an object's fields, an array's elements; or anything at all."""

    def __init__(self):
        self.any = False
        self.letters = set()
        self.values = None  # of a text: the name of the list of those that it can be
        self.fields = None  # name -> (Shape, is it always there)
        self.open = False  # the object may have fields that are not named
        self.element = None

    def narrowed(self, other):
        """Both hold: allOf, or keywords beside a reference."""
        if self.any:
            return other
        if other.any:
            return self
        both = Shape()
        both.letters = self.letters & other.letters
        both.values = self.values or other.values
        if self.fields is not None and other.fields is not None:
            both.open = self.open and other.open
            both.fields = dict(self.fields)
            for name, (shape, needed) in other.fields.items():
                mine = both.fields.get(name)
                both.fields[name] = (mine[0].narrowed(shape), mine[1] or needed) if mine else (shape, needed)
        if self.element and other.element:
            both.element = self.element.narrowed(other.element)
        return both

    def widened(self, other, both_say=True):
        """Either holds: oneOf, anyOf. Of two sets of schemas that are about the same bodies, one is enough to say what is always there."""
        either = Shape()
        either.any = self.any or other.any
        either.letters = self.letters | other.letters
        either.values = self.widened_values(other, both_say)
        mine, theirs = self.fields, other.fields
        if mine is None or theirs is None:
            either.fields = mine if theirs is None else theirs
        else:
            either.fields = {}
            for name in list(mine) + [name for name in theirs if name not in mine]:
                if name in mine and name in theirs:
                    needed = mine[name][1] and theirs[name][1] if both_say else mine[name][1] or theirs[name][1]
                    either.fields[name] = (mine[name][0].widened(theirs[name][0], both_say), needed)
                else:
                    shape, needed = mine.get(name) or theirs.get(name)
                    either.fields[name] = (shape, needed and not both_say)
        either.open = self.open or other.open
        either.element = self.element.widened(other.element, both_say) if self.element and other.element else self.element or other.element
        return either

    def widened_values(self, other, both_say):
        if 's' not in self.letters or 's' not in other.letters or not both_say:
            return self.values or other.values
        return self.values if self.values == other.values else None


def anything():
    shape = Shape()
    shape.any = True
    return shape


class Reader:
    def __init__(self, document):
        self.document = document
        self.known = {}

    def shape(self, schema, depth=0):
        if depth > DEPTH_MAX or schema is True or not isinstance(schema, dict):
            return anything()
        key = (id(schema), depth)
        if key not in self.known:
            self.known[key] = self.made(schema, depth)
        return self.known[key]

    def made(self, schema, depth):
        if '$ref' in schema:
            return self.shape(self.at(schema['$ref']), depth)
        shape = self.plain(schema, depth)
        for part in schema.get('allOf', []):
            shape = shape.narrowed(self.shape(part, depth))
        for keyword in ('oneOf', 'anyOf'):
            ways = [self.shape(way, depth) for way in schema.get(keyword, [])]
            if not ways:
                continue
            wide = ways[0]
            for way in ways[1:]:
                wide = wide.widened(way)
            shape = shape.narrowed(wide)
        if schema.get('nullable') and not shape.any:
            shape.letters = shape.letters | {'z'}
        return shape

    def at(self, reference):
        found = self.document
        for part in reference.removeprefix('#/').split('/'):
            found = found[part.replace('~1', '/').replace('~0', '~')]
        return found

    def plain(self, schema, depth):
        types = schema.get('type')
        if types is None and 'enum' in schema:
            types = sorted({'null' if value is None else 'boolean' if isinstance(value, bool) else
                            'string' if isinstance(value, str) else 'number' for value in schema['enum']})
        if types is None and 'properties' in schema:
            types = 'object'
        if types is None:
            return anything()
        shape = Shape()
        for kind in [types] if isinstance(types, str) else types:
            if kind in LETTERS:
                shape.letters.add(LETTERS[kind])
            elif kind == 'array':
                shape.element = self.shape(schema.get('items', True), depth + 1)
            else:
                self.members(schema, depth, shape)
        return shape

    def members(self, schema, depth, shape):
        needed = set(schema.get('required', []))
        shape.fields = {}
        for name, value in schema.get('properties', {}).items():
            inner = anything() if name in OPEN_FIELDS else self.listed(name, value, self.shape(value, depth + 1))
            shape.fields[name] = (inner, name in needed)
        more = schema.get('additionalProperties', False)
        shape.open = not shape.fields or more not in (False, None)

    def listed(self, name, schema, shape):
        """The shape of a field with the list of its texts, if the schema enumerates some of them. One alone says too little."""
        if shape.any or name not in VALUES or not isinstance(schema, dict):
            return shape
        schema = self.at(schema['$ref']) if '$ref' in schema else schema
        texts = {value for value in schema.get('enum', []) if isinstance(value, str)}
        if 's' not in shape.letters or len(texts) == 1 or not texts and name not in ALWAYS_LISTED:
            return shape
        found = copy.copy(shape)
        found.values = next((family for family, values in VALUES[name].items() if texts <= set(values)), None) if texts else ALWAYS_LISTED[name]
        return found


def octokit_events(path):
    document = json.load(open(path))
    reader = Reader(document)
    for name, schema in document['definitions'].items():
        event, dollar, action = name.partition('$')
        if dollar:
            yield event + ('' if action == 'event' else '.' + action), reader.shape(schema)


def openapi_events(path):
    document = json.load(open(path))
    reader = Reader(document)
    for webhook in document['webhooks'].values():
        post = webhook['post']
        event, _, action = post['operationId'].replace('-', '_').partition('/')
        schema = post['requestBody']['content']['application/json']['schema']
        target = schema
        while '$ref' in target:
            target = reader.at(target['$ref'])
        actions = target.get('properties', {}).get('action', {}).get('enum', [action] if action else [])
        for name in [event] if event == 'repository_dispatch' else [f'{event}.{each}' for each in actions] or [event]:
            yield name, reader.shape(schema)


class Writer:
    """Equal objects are written once: most of one event's bodies is what most of another's is."""

    def __init__(self):
        self.numbers = {}
        self.lines = []
        self.texts = {}

    def value(self, shape):
        if id(shape) not in self.texts:
            self.texts[id(shape)] = (self.made(shape), shape)  # kept: an id is of a living object
        return self.texts[id(shape)][0]

    def made(self, shape):
        if shape.any or not (shape.letters or shape.fields is not None or shape.element):
            return '*'
        out = ''.join(f'<{shape.values}>' if letter == 's' and shape.values else letter for letter in 'snbz' if letter in shape.letters)
        if shape.fields is not None:
            out += '{' + (self.number(shape) if shape.fields else '*') + '}'
        if shape.element:
            out += '[' + self.value(shape.element) + ']'
        return out

    def number(self, shape):
        groups = {}
        for name, (inner, needed) in shape.fields.items():
            groups.setdefault(self.value(inner), []).append(name + ('!' if needed else ''))
        body = ' '.join(f'{value}:{",".join(sorted(names))}' for value, names in sorted(groups.items()))
        body += ' ...' if shape.open else ''
        if body not in self.numbers:
            self.numbers[body] = str(len(self.numbers))
            self.lines.append(f'{self.numbers[body]} = {body}')
        return self.numbers[body]


def main():
    events = {}
    for name, shape in octokit_events(sys.argv[1]):
        events[name] = events[name].widened(shape) if name in events else shape
    newer = {}
    for name, shape in openapi_events(sys.argv[2]):
        newer[name] = newer[name].widened(shape) if name in newer else shape
    for name, shape in newer.items():
        events[name] = events[name].widened(shape, both_say=False) if name in events else shape
    writer = Writer()
    # The sender of a repository_dispatch chooses its action.
    roots = [f'github.{name}{".*" if name == "repository_dispatch" else ""} = {writer.value(shape)}' for name, shape in sorted(events.items())]
    print('# What bodies of GitHub webhooks look like. Written by generate_github.py; the notation is in event/payload_catalog.hpp.')
    lists = {family: values for families in VALUES.values() for family, values in families.items()}
    used = [f'<{family}> = {",".join(values)}' for family, values in lists.items() if any(f'<{family}>' in line for line in writer.lines)]
    print('\n'.join(used + writer.lines + roots))


if __name__ == '__main__':
    main()

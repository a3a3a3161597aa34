#!/usr/bin/env python3
"""Writes connectors/shapes/linear.txt, what bodies of Linear's webhooks look like, from the declarations of Linear's SDK.

    npm pack @linear/sdk      (and unpack it)
    generate_linear.py <sdk>/dist/index-*.d.mts > connectors/shapes/linear.txt

The notation is that of event/payload_catalog.hpp.
"""
import re
import sys

SUFFIX = 'WebhookPayload'
# Entity -> type of the event; each is created, updated and removed.
ENTITIES = {
    'Attachment': 'attachment', 'AuditEntry': 'audit_entry', 'Comment': 'comment', 'Customer': 'customer', 'CustomerNeed': 'customer_need',
    'Cycle': 'cycle', 'Document': 'document', 'Initiative': 'initiative', 'InitiativeLabel': 'initiative_label',
    'InitiativeUpdate': 'initiative_update', 'Issue': 'issue', 'IssueLabel': 'issue_label', 'Project': 'project',
    'ProjectLabel': 'project_label', 'ProjectUpdate': 'project_update', 'Reaction': 'reaction', 'Release': 'release',
    'ReleaseNote': 'release_note', 'User': 'user'}
# Events with a body of their own.
OTHERS = {
    'AgentSessionEvent': ['agent_session_event.created', 'agent_session_event.prompted'],
    'AppUserNotification': ['app_user_notification.*'], 'AppUserTeamAccessChanged': ['permission_change.team_access_changed'],
    'CustomResource': ['custom_resource.create', 'custom_resource.update', 'custom_resource.remove'],
    'IssueSla': ['issue_sla.set', 'issue_sla.high_risk', 'issue_sla.breached'], 'OAuthApp': ['oauth_app.revoked'],
    'OAuthAuthorization': ['oauth_authorization.*']}
# What deliveries carry and the declarations do not name.
SEEN = {
    'CommentWebhookPayload': {'isArtificialAgentSessionRoot': 'Scalars["Boolean"]'},
    'IssueWebhookPayload': {'boardOrder': 'Scalars["Float"]'},
    'ProjectWebhookPayload': {
        'frequencyResolution': 'Maybe<Scalars["String"]>', 'milestoneId': 'Maybe<Scalars["String"]>', 'slackIssueComments': 'Scalars["Boolean"]',
        'slackIssueStatuses': 'Scalars["Boolean"]', 'slackNewIssue': 'Scalars["Boolean"]', 'state': 'Scalars["String"]'}}
# Texts of which Linear documents all, by name; and the fields that have them.
VALUES = {
    'health': ['onTrack', 'atRisk', 'offTrack'],
    'state_type': ['triage', 'backlog', 'unstarted', 'started', 'completed', 'canceled', 'duplicate'],
    'status_type': ['backlog', 'planned', 'started', 'paused', 'completed', 'canceled']}
LISTED = {('InitiativeUpdate', 'health'): 'health', ('InitiativeUpdateChild', 'health'): 'health', ('ProjectUpdate', 'health'): 'health',
          ('WorkflowStateChild', 'type'): 'state_type', ('ProjectStatusChild', 'type'): 'status_type'}
LETTERS = {'ID': 's', 'String': 's', 'DateTime': 's', 'UUID': 's', 'Boolean': 'b', 'Float': 'n', 'Int': 'n'}


class Declarations:
    def __init__(self, text):
        self.objects = {name: body for name, body in re.findall(r'^type (\w+) = \{\n(.*?)^\};', text, re.MULTILINE | re.DOTALL)}
        self.unions = dict(re.findall(r'^type (\w+) = ([\w| ]+);', text, re.MULTILINE))
        self.enums = set(re.findall(r'^declare enum (\w+) ', text, re.MULTILINE))
        self.lines = []
        self.written = set()

    def fields(self, name):
        """Of an object, or of all that a union is of: name -> (type, is it always there)."""
        if name in self.unions:
            ways = [self.fields(way.strip()) for way in self.unions[name].split('|')]
            names = {field for way in ways for field in way}
            return {field: (next(way[field][0] for way in ways if field in way),
                            all(field in way and way[field][1] for way in ways)) for field in names}
        found = re.findall(r'^  (\w+)(\??): (.*);$', self.objects[name], re.MULTILINE)
        fields = {field: (kind, not optional) for field, optional, kind in found if field != '__typename'}
        for field, kind in SEEN.get(name, {}).items():
            fields.setdefault(field, (kind, False))
        return fields

    def shape(self, kind):
        maybe = re.fullmatch(r'Maybe<(.*)>', kind)
        if maybe:
            inner = self.shape(maybe.group(1))
            return inner if inner == '*' else inner + 'z'
        several = re.fullmatch(r'Array<(.*)>', kind)
        if several:
            return f'[{self.shape(several.group(1))}]'
        scalar = re.fullmatch(r'Scalars\["(\w+)"\]', kind)
        if scalar:
            return LETTERS.get(scalar.group(1), 's' if scalar.group(1).endswith('Type') else '*')
        if kind in self.objects or kind in self.unions:
            return '{' + self.object(kind) + '}'
        return 's' if kind in self.enums else '*'

    def object(self, name, without=(), instead=None):
        short = re.sub(r'(?<!^)(?=[A-Z])', '_', name.replace(SUFFIX, '')).lower()
        short += ''.join(f'_without_{each.lower()}' for each in without) + (f'_of_{instead[0]}' if instead else '')
        if short in self.written:
            return short
        self.written.add(short)
        groups = {}
        for field, (kind, always) in self.fields(name).items():
            if field in without:
                continue
            shape = f'{{{instead[0]}}}' if instead and field == 'data' else self.shape(kind)
            listed = LISTED.get((name.replace(SUFFIX, ''), field))
            if listed:
                shape = shape.replace('s', f'<{listed}>', 1)
            groups.setdefault(shape, []).append(field + ('!' if always else ''))
        self.lines.append(f'{short} = ' + ' '.join(f'{shape}:{",".join(sorted(names))}' for shape, names in sorted(groups.items())))
        return short


def main():
    declared = Declarations(open(sys.argv[1]).read())
    roots = []
    for entity, event in ENTITIES.items():
        data = declared.object(entity + SUFFIX)
        for action in ('create', 'update', 'remove'):
            body = declared.object('Entity' + SUFFIX, () if action == 'update' else ('updatedFrom',), (data,))
            roots.append(f'linear.{event}.{action} = {{{body}}}')
    for name, types in OTHERS.items():
        body = declared.object(name + SUFFIX)
        roots.append(' '.join(f'linear.{each}' for each in types) + f' = {{{body}}}')
    print("# What bodies of Linear's webhooks look like. Written by generate_linear.py; the notation is in event/payload_catalog.hpp.")
    lists = [f'<{name}> = {",".join(values)}' for name, values in VALUES.items()]
    print('\n'.join(lists + declared.lines + roots))


if __name__ == '__main__':
    main()

"""Tables of what benches measured, for people."""


def print_table(titles, lines, texts=1):
    """The first `texts` columns are words, the rest are numbers."""
    widths = [max(len(line[i]) for line in [titles, *lines]) for i in range(len(titles))]
    for line in [titles, ['-' * width for width in widths], *lines]:
        cells = (text.ljust(width) if i < texts else text.rjust(width) for i, (text, width) in enumerate(zip(line, widths)))
        print('  '.join(cells).rstrip())
    print()


def print_cases(rows):
    titles = ['case', 'CPU µs', 'median', '× floor', 'Redis µs', 'median', '× floor', 'allocations', 'instructions', 'compile ms', 'MB']
    lines, floor = [], {}
    for row in rows:
        if row['case'].startswith('floor'):
            floor = row
        ratio = lambda key: f'{row[key] / floor[key]:.2f}' if key in row and floor.get(key) else ''
        number = lambda key, form='.2f': format(row[key], form) if key in row else ''
        lines.append([f"{row['bench']}: {row['case']}", number('cpu_us_min'), number('cpu_us_median'), ratio('cpu_us_min'), number('redis_us_min'),
                      number('redis_us_median'), ratio('redis_us_min'), number('allocations', '.1f'), number('instructions', ',.0f'),
                      number('compile_ms', '.1f'), number('memory_mb', '.1f')])
    print_table(titles, lines)


def print_peers(rows, left_out):
    titles = ['server', 'CPU µs', 'median', '× epoll', '(quartiles)', 'Redis µs', 'requests/s', '× epoll', '(quartiles)', 'p99 ms', 'busy']
    lines = []
    for row in rows:
        quartiles = lambda key: [f'{row[key][1]:.2f}', f'({row[key][0]:.2f}–{row[key][2]:.2f})']
        redis = f"{row['redis_us_median']:.1f}" if row['redis_us_median'] else ''
        lines.append([row['case'], f"{row['cpu_us_min']:.1f}", f"{row['cpu_us_median']:.1f}", *quartiles('cpu_ratio'), redis,
                      f"{row['per_second']:,.0f}", *quartiles('per_second_ratio'), f"{row['p99_us'] / 1000:.1f}", f"{row['busy']:.0%}"])
    print_table(titles, lines)
    for title, why in left_out.items():
        print(f'left out: {title}, {why}\n')


def print_idle(rows):
    titles = ['idle connections', 'MB at the start', 'MB', 'KB each']
    print_table(titles, [[row['case'], f"{row['started_mb']:.1f}", f"{row['resident_mb']:.1f}", f"{row['connection_kb']:.1f}"] for row in rows])


def print_latency(rows):
    titles = ['load', 'requests/s', 'p50 ms', 'p99 ms', 'p99.9 ms', 'longest', 'p99 of each round']
    number = lambda row, key: f'{row[key] / 1000:.2f}'
    print_table(titles, [[row['case'], f"{row['per_second']:,.0f}", *(number(row, key) for key in ('p50_us', 'p99_us', 'p999_us', 'max_us')),
                          ' '.join(f"{p99 / 1000:.1f}" for p99 in row['p99s_us'])] for row in rows])


def print_goals(judged):
    lines = []
    for row in judged:
        sign = '≤' if row['at_most'] else '≥'
        aim = f"{sign} {row['aim']:g}" if row['aim'] is not None else ''
        lines.append([row['goal'], f"{sign} {row['must']:g}", aim, f"{row['measured']:.2f}", row['note'], row['verdict'], row['command']])
    print_table(['goal', 'must', 'aim', 'measured', '', '', 'measured by'], lines)

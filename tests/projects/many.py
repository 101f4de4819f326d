"""Very many varied projects by one statement of SQL, for what shows only when a list is long."""

from datetime import datetime
from uuid import UUID

import psycopg
from psycopg import sql
from pypinyin import Style, lazy_pinyin

from marketplace.db.base import Database, plain_url
from marketplace.projects.model import Project
from tests.projects.village import a_village, an_open

BUYERS = 400
BULK = 50_000
"""From so many rows on, the indexes are built after the rows."""
RARE, ABSENT, COMMON, HALF_COMMON = "皮影", "灯谜", "服务", "儿童"
RARE_ROWS = 20
_SYLLABLES = "青石柳溪云岭竹坪枣林泉井桥湾松岗梅坝荷塘槐树"
WORDS: dict[str, list[str]] = {
    "town": [f"示例{one}{two}镇" for one in "东南西北上下" for two in "河山田坪湖"],
    "village": [f"{one}{two}村" for one in _SYLLABLES for two in _SYLLABLES if one != two],
    "people": [
        "留守儿童", "困境儿童", "儿童", "空巢老人", "高龄老人", "残疾人", "妇女", "青年", "社区居民", "新就业群体",
    ],
    "service": [
        "关爱服务", "托管服务", "心理疏导服务", "文艺演出", "健康讲座服务", "探访服务", "康复训练", "技能培训服务",
        "法律咨询服务", "环境整治", "创业辅导", "读书活动", "助餐服务", "助浴服务", "矛盾调解服务", "应急演练",
        "禁毒宣传", "社工能力提升服务", "家庭教育指导服务", "普法宣讲", "垃圾分类劝导", "助农直播", "义诊服务",
        "邻里节活动", "亲子运动会", "体育赛事服务", "公益电影", "防溺水巡查", "档案整理", "老年大学课程",
    ],
    "form": ["项目", "采购项目", "年度项目", "试点", "暑期项目"],
}  # fmt: skip
SIZES = {kind: len(words) for kind, words in WORDS.items()}

_BUYERS = """
INSERT INTO organization (id, name, short_name, uscc, kind, functions, region, pinyin, initials, state, registered_at)
SELECT gen_random_uuid(), '示例第' || n || '办事处', '示例第' || n || '办事处', '11511602MB' || lpad(n::text, 8, '0'),
       like_.kind, like_.functions, like_.region, 'shi li di ' || lpad(n::text, 4, '0') || ' ban shi chu', 'sld',
       like_.state, like_.registered_at
FROM generate_series(1, %(buyers)s - 1) AS n, organization AS like_ WHERE like_.id = %(buyer)s
"""

_SOURCE = """
WITH dice AS MATERIALIZED (
    SELECT n, n / %(count)s::float8 AS age, random() AS life, power(random(), 2.5) AS buyer, random() AS town,
           random() AS village, power(random(), 1.5) AS people, power(random(), 1.7) AS service, random() AS form,
           power(random(), 1.5) AS entry, exp(9 + 6 * power(random(), 1.3)) AS yuan, random() AS due
    FROM generate_series(1, %(count)s) AS n
), buyers AS (
    SELECT id, short_name AS text, row_number() OVER (ORDER BY pinyin, id) - 1 AS place FROM organization
    WHERE 'buyer' = ANY (functions)
), entries AS (
    SELECT id, code, name, row_number() OVER (ORDER BY md5(code)) - 1 AS place FROM catalogue_item WHERE level = 3
), told AS (
    SELECT dice.n, gen_random_uuid() AS id, buyers.id AS buyer_id, buyers.text AS buyer, entries.id AS item_id,
           entries.code, entries.name AS entry, dice.age, dice.due,
           CASE WHEN dice.life < 0.03 THEN (ARRAY['draft', 'submitted', 'approved'])[1 + n %% 3]
                WHEN dice.life < 0.06 THEN 'cancelled'
                WHEN dice.age > 0.98 THEN 'open'
                WHEN dice.age > 0.97 THEN 'evaluation'
                WHEN dice.life < 0.10 THEN 'unsuccessful'
                ELSE 'awarded' END AS state,
           town.text || village.text AS location, people.text AS people,
           town.text || village.text || people.text || service.text || form.text AS title,
           town.full_ || village.full_ || people.full_ || service.full_ || form.full_ AS full_,
           town.short || village.short || people.short || service.short || form.short AS short,
           100 * (1000 + floor(dice.yuan / 100) * 100)::bigint AS fen,
           %(now)s::timestamptz - (1 - dice.age) * interval '1000 days' - dice.due * interval '5 minutes' AS at
    FROM dice
    JOIN buyers ON buyers.place = floor(dice.buyer * (SELECT count(*) FROM buyers))
    JOIN entries ON entries.place = floor(dice.entry * (SELECT count(*) FROM entries))
    JOIN words AS town ON town.kind = 'town' AND town.place = floor(dice.town * %(town)s)::int
    JOIN words AS village ON village.kind = 'village' AND village.place = floor(dice.village * %(village)s)::int
    JOIN words AS people ON people.kind = 'people' AND people.place = floor(dice.people * %(people)s)::int
    JOIN words AS service ON service.kind = 'service'
         AND service.place = CASE WHEN n %% (%(count)s / %(rare)s) = 7 THEN %(service)s
                             ELSE floor(dice.service * %(service)s)::int END
    JOIN words AS form ON form.kind = 'form' AND form.place = floor(dice.form * %(form)s)::int
)
"""
_NUMBER = "'QT-2025-' || lpad((100000 + told.n)::text, 7, '0')"
_DUE = "told.at + (1 + told.due * 19) * interval '1 day' + interval '1 day'"
_PUBLIC = "told.state NOT IN ('draft', 'submitted', 'approved')"
VARIED = {
    "id": "told.id",
    "number": _NUMBER,
    "state": "told.state",
    "title": "told.title",
    "buyer_id": "told.buyer_id",
    "catalogue_item_id": "told.item_id",
    "catalogue_code": "told.code",
    "people_kind": "told.people",
    "location": "told.location",
    "budget_fen": "told.fen",
    "ceiling_fen": "told.fen - told.fen / 20",
    "questions_due_at": _DUE,
    "answers_due_at": _DUE,
    "bids_due_at": _DUE,
    "opening_at": _DUE,
    "drafted_at": "told.at - interval '9 days'",
    "updated_at": "told.at",
    "submitted_at": "told.at - interval '3 days'",
    "approved_at": "told.at - interval '1 day'",
    "published_at": f"CASE WHEN {_PUBLIC} THEN told.at END",
    "ended_at": "CASE WHEN told.state IN ('cancelled', 'unsuccessful') THEN told.at + interval '25 days' END",
    "end_reason": "CASE WHEN told.state IN ('cancelled', 'unsuccessful') THEN '没有足够的响应' ELSE '' END",
    "search_text": "concat_ws(' ', told.title, told.buyer, told.entry, told.people, told.location,"
    f" lower({_NUMBER}), lower(told.code), told.full_, told.short)",
}
"""What differs from project to project; everything else is as in the one that was really drafted and published."""

_ORPHANS = """
SELECT count(*) FROM project AS p
WHERE NOT EXISTS (SELECT FROM organization WHERE id = p.buyer_id)
   OR NOT EXISTS (SELECT FROM organization WHERE id = p.procuring_entity_id)
   OR NOT EXISTS (SELECT FROM catalogue_item WHERE id = p.catalogue_item_id)
"""


def very_many(database: Database, owner_url: str, count: int, now: datetime) -> UUID:
    """``count`` projects beside a real one, whose id is returned; the owner writes them.

    The triggers that guard a project's moves and check its references row by row are out of action for this one
    transaction (``session_replication_role``, which only a superuser may set); CHECKs and keys are not, and the
    references are compared afterwards.
    """
    with database.write() as db:
        village = a_village(db, now)
        like = an_open(db, village, now)
    with psycopg.connect(plain_url(owner_url), autocommit=True) as owner:
        with owner.transaction():
            owner.execute("SET LOCAL session_replication_role = replica")
            owner.execute("SET LOCAL maintenance_work_mem = '512MB'")
            owner.execute("SELECT setseed(0.42)")
            owner.execute(_BUYERS, {"buyers": BUYERS, "buyer": village.buyer_id})
            _tell_words(owner)
            later = _without_indexes(owner) if count >= BULK else []
            owner.execute(_insert(), SIZES | {"count": count, "rare": RARE_ROWS, "now": now, "like": like})
            for definition in later:
                owner.execute(definition)
        row = owner.execute(_ORPHANS).fetchone()
        assert row == (0,), "every reference leads somewhere"
        owner.execute("VACUUM ANALYZE project, organization")
    return like


def _tell_words(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    owner.execute("CREATE TEMP TABLE words (kind text, place int, text text, full_ text, short text) ON COMMIT DROP")
    rows = [
        (kind, place, one, "".join(lazy_pinyin(one)), "".join(lazy_pinyin(one, style=Style.FIRST_LETTER)))
        for kind, words in WORDS.items()
        for place, one in enumerate([*words, f"{RARE}传习"] if kind == "service" else words)
    ]
    with owner.cursor() as cursor:
        cursor.executemany("INSERT INTO words VALUES (%s, %s, %s, %s, %s)", rows)
    owner.execute("ANALYZE words")


def _insert() -> sql.Composed:
    names = [column.name for column in Project.__table__.columns if column.computed is None]
    assert VARIED.keys() <= set(names)
    values = [sql.SQL(VARIED[name]) if name in VARIED else sql.Identifier("like_", name) for name in names]
    return sql.SQL(
        "INSERT INTO project ({}) {} SELECT {} FROM told, project AS like_ WHERE like_.id = %(like)s"
    ).format(sql.SQL(", ").join(map(sql.Identifier, names)), sql.SQL(_SOURCE), sql.SQL(", ").join(values))


def _without_indexes(owner: psycopg.Connection[tuple[object, ...]]) -> list[bytes]:
    """Drop what is no constraint; how each is built again."""
    found = owner.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = 'project'::regclass AND NOT indisunique"
    ).fetchall()
    for name, _ in found:
        owner.execute(sql.SQL("DROP INDEX {}").format(sql.SQL(str(name))))
    return [str(definition).encode() for _, definition in found]

"""Titles made from the register: every GI in every way a seller writes around its name, and twins that only look so.

Seeded: the same register gives the same titles. Nothing here asks the screen how it reads; what is written otherwise
is made with OpenCC, pypinyin and the tables of look-alikes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import opencc

from gimonitor.model.register import GI, Register, text_of
from gimonitor.register.regions import find_regions
from gimonitor.screening.dictionary import commonness, is_word
from gimonitor.screening.names import Profile, profile_of, spells_out
from gimonitor.text.normalise import fold_text
from gimonitor.text.sounds import initials, readings, spellings

SEED = 20261122
SEVERAL = 2  # titles for each kind that has a choice
LONG_PLACE = 4  # characters
COMMON = 3000  # how often a substitute stands in jieba's dictionary at least, that a seller could think of it
_FRAMES = ("{} 500g", "新货 {} 礼盒装", "【特惠】{} 2袋装", "{} 包邮 送礼", "厂家直发 {} 一箱", "买二送一{}250g包邮")
_ADJECTIVES = ("珍稀", "精品", "特级", "生态", "有机", "正宗", "优质", "农家", "野生", "新鲜", "原产", "特产")
_SUFFIXES = ("镇", "村", "产区", "周边", "原产地")
_STYLES = ("风味", "同款", "平替", "口味", "工艺", "型")
_SIGNS = ("·", "*", "-", "_", "/", "、", ".", "|", "~", "丶")
_HIDDEN = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad")
_EMOJI = ("🍚", "🍵", "🦀", "⭐", "❤️", "🔥", "👨‍🌾")
_FILLERS = ("\u115f", "\u1160", "\u3164", "\uffa0", "\u2800", "\u0345")
_ENCLOSED = (
    "1️⃣", "#️⃣", "㊙️", "🉐", "🈶", "㊗", "Ⓜ️", "ℹ️", "™", "℃", "№", "①", "❶", "ⓐ", "㈠", "²", "½", "º", "㎏", "○", "◯", "〇", "Ⅱ",
)  # fmt: skip
_DIRECTIONS = ("\u200f", "\u200e", "\u202e", "\u2067", "\u061c")


@dataclass(frozen=True, slots=True)
class Made:
    """A title made: of which kind, from which GI, and whether it is a false twin."""

    title: str
    kind: str
    gi_id: str
    twin: bool = False


Maker = Callable[[Profile, random.Random], Iterator[str]]


def make_evasions(register: Register) -> Iterator[Made]:
    """Every GI × every kind of variant that makes sense for it; `plain` is the name itself."""
    for profile in _profiles(register):
        for kind, maker in KINDS.items():
            chance = random.Random(f"{SEED}:{profile.gi.id}:{kind}")
            for text in dict.fromkeys(maker(profile, chance)):
                yield Made(_framed(text, profile, chance), kind, profile.gi.id)


def make_twins(register: Register) -> Iterator[Made]:
    """What must raise nothing: other things for each GI, and the words and places known to be mistaken for one."""
    for profile in _profiles(register):
        for text in _other_things(profile):
            yield Made(text, "other-thing", profile.gi.id, twin=True)
        for twin in profile.gi.twins:
            yield Made(f"{twin.value} 特产 礼盒", "twin", profile.gi.id, twin=True)
    for text in KNOWN_TWINS:
        yield Made(text, "known-twin", "", twin=True)


def _profiles(register: Register) -> list[Profile]:
    made = [profile_of(i, gi) for i, gi in enumerate(register.gis) if gi.is_gi]
    return [p for p in made if p.names]


def _framed(text: str, profile: Profile, chance: random.Random) -> str:
    """The text in a title; a short or foreign name, or one that asks for it, gets a word for the goods beside it."""
    wanted = profile.is_short or (profile.needs_near and not any(w in text for w in profile.needs_near))
    said = not fold_text(text).isascii() or spells_out(profile, fold_text(text))
    goods = _goods_word(profile) if wanted or not said else ""
    return chance.choice(_FRAMES).format(f"{text} {goods}".strip())


def _goods_word(profile: Profile) -> str:
    near = [w for w in profile.needs_near if w in profile.products and len(w) >= 2]
    own = [p for p in map(str, profile.gi.product_words) if len(p) >= 2 and not p.isascii()]
    return next((w for w in (*near, *own, *profile.products) if w not in profile.names), "")


def _parts(profile: Profile) -> tuple[str, str]:
    """Place and goods of the name; two empty texts where it does not fall into both."""
    name, core = profile.names[0], profile.core
    rest = name.removeprefix(core)
    return (core, rest) if len(core) >= 2 and rest != name and rest in profile.strong else ("", "")


def _plain(profile: Profile, chance: random.Random) -> Iterator[str]:
    yield profile.gi.name


def _between(signs: tuple[str, ...]) -> Maker:
    def maker(profile: Profile, chance: random.Random) -> Iterator[str]:
        name = profile.names[0]
        if name.isascii():
            return
        for sign in chance.sample(signs, min(SEVERAL, len(signs))):
            yield sign.join(name)

    return maker


def _one_gap(signs: tuple[str, ...]) -> Maker:
    """A sign between two characters only, inside the place where the name has one."""

    def maker(profile: Profile, chance: random.Random) -> Iterator[str]:
        name = profile.names[0]
        if len(name) >= 3 and not name.isascii():
            yield name[:1] + chance.choice(signs) + name[1:]

    return maker


def _reversed(profile: Profile, chance: random.Random) -> Iterator[str]:
    """Stored backwards behind a sign that turns it round on the screen; whole, and from the second character on."""
    name = profile.names[0]
    if not name.isascii():
        yield f"\u202e{name[::-1]}\u202c"
        yield f"{name[:1]}\u202e{name[:0:-1]}\u202c"


def _split(profile: Profile, chance: random.Random) -> Iterator[str]:
    """One character in its parts, and all that have parts."""
    name = profile.names[0]
    at = [i for i, c in enumerate(name) if c in _PARTS]
    if at and len(name) >= 3:
        one = chance.choice(at)
        yield name[:one] + _PARTS[name[one]] + name[one + 1 :]
        yield "".join(_PARTS.get(c, c) for c in name)


def _long_homophone(profile: Profile, chance: random.Random) -> Iterator[str]:
    """Each character of a long place, replaced by one of the same sound."""
    name, core = profile.names[0], profile.core
    if len(core) < LONG_PLACE or not name.startswith(core):
        return
    for i in range(len(core)):
        if others := _same_sound(core[i]):
            yield name[:i] + chance.choice(others) + name[i + 1 :]


def _traditional(profile: Profile, chance: random.Random) -> Iterator[str]:
    written = _s2t().convert(profile.names[0])
    if written != profile.names[0]:
        yield written


@cache
def _s2t() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


def _pinyin(profile: Profile, chance: random.Random) -> Iterator[str]:
    name = profile.names[0]
    if len(name) < 3 or name.isascii():
        return
    syllables = spellings(name)[0]
    yield "".join(syllables)
    yield " ".join(syllables)
    yield "".join(chr(ord(c) + 0xFEE0) for c in "".join(syllables))  # full width


def _toned(profile: Profile, chance: random.Random) -> Iterator[str]:
    name = profile.names[0]
    if len(name) < 3 or name.isascii():
        return
    syllables = [f"{syllable}{chance.randint(1, 4)}" for syllable in spellings(name)[0]]
    yield "".join(syllables)
    yield " ".join(syllables)


def _apart(profile: Profile, chance: random.Random) -> Iterator[str]:
    core, rest = _parts(profile)
    letters = "".join(spellings(core)[0]) if core else ""
    if len(letters) > 3:
        yield f"{' '.join(letters)} {rest}"


def _foreign_letters(profile: Profile, chance: random.Random) -> Iterator[str]:
    core, rest = _parts(profile)
    letters = "".join(spellings(core)[0]) if core else ""
    written = letters.translate(_CYRILLIC)
    if written != letters:
        yield written + rest


def _mixed(profile: Profile, chance: random.Random) -> Iterator[str]:
    name = profile.names[0]
    if len(name) < 3 or name.isascii():
        return
    syllables = spellings(name)[0]
    for at in chance.sample(range(len(name)), min(SEVERAL, len(name))):
        yield name[:at] + syllables[at] + name[at + 1 :]


def _initials(profile: Profile, chance: random.Random) -> Iterator[str]:
    core, _ = _parts(profile)
    goods = next((p for p in profile.strong if len(p) >= 2), "")
    short = next(iter(initials(core)), "") if core and goods else ""
    if len(short) >= 2:
        yield short.upper() + goods


def _homophone(profile: Profile, chance: random.Random) -> Iterator[str]:
    yield from _substituted(profile, chance, _same_sound)


def _look_alike(groups: tuple[str, ...]) -> Maker:
    table = {c: tuple(o for o in group if o != c) for group in groups for c in group}

    def maker(profile: Profile, chance: random.Random) -> Iterator[str]:
        yield from _substituted(profile, chance, lambda c: table.get(c, ()))

    return maker


def _substituted(profile: Profile, chance: random.Random, others: Callable[[str], tuple[str, ...]]) -> Iterator[str]:
    """The name with one character replaced, where what comes of it is no word, place or name of its own."""
    name = profile.names[0]
    if len(name) < 3 or name.isascii():
        return
    ways = [name[:i] + o + name[i + 1 :] for i, c in enumerate(name) for o in others(c)]
    chance.shuffle(ways)
    good = (way for way in ways if not _is_something(way, profile))
    for _ in range(SEVERAL):
        if way := next(good, ""):
            yield way


def _is_something(written: str, profile: Profile) -> bool:
    """True where an altered name holds another word or place: 武昌大米. What it is then, is not for a test to say."""
    name = profile.names[0]
    at = next(i for i, (a, b) in enumerate(zip(written, name, strict=True)) if a != b)
    around = {written[a:b] for a in range(max(0, at - 2), at + 1) for b in range(at + 1, len(written) + 1) if b - a > 1}
    return any(is_word(text) or bool(find_regions(text)) for text in around)


@cache
def _by_sound() -> dict[str, tuple[str, ...]]:
    table: dict[str, list[str]] = {}
    for c, sounds in readings().items():
        if commonness(c) >= COMMON:
            table.setdefault(sounds[0], []).append(c)
    return {sound: tuple(sorted(cs)) for sound, cs in table.items()}


def _same_sound(character: str) -> tuple[str, ...]:
    sounds = readings().get(character, ())
    return tuple(c for c in _by_sound().get(sounds[0], ()) if c != character) if sounds else ()


def _inserted(profile: Profile, chance: random.Random) -> Iterator[str]:
    core, rest = _parts(profile)
    if core:
        for word in chance.sample(_ADJECTIVES, SEVERAL):
            yield core + word + rest


def _suffixed(profile: Profile, chance: random.Random) -> Iterator[str]:
    core, rest = _parts(profile)
    if core:
        for suffix in chance.sample(_SUFFIXES, SEVERAL):
            yield core + suffix + rest


def _inverted(profile: Profile, chance: random.Random) -> Iterator[str]:
    core, rest = _parts(profile)
    if core and len(rest) >= 2:
        yield f"{rest} {core}"


def _styled(profile: Profile, chance: random.Random) -> Iterator[str]:
    name = profile.names[0]
    if not name.isascii() and not profile.is_short:
        yield from (f"{name}{style}" for style in chance.sample(_STYLES, SEVERAL))


def _bracketed(profile: Profile, chance: random.Random) -> Iterator[str]:
    core, rest = _parts(profile)
    if core:
        yield chance.choice(("【{}】{}", "「{}」{}", "({}){}", "{}★{}")).format(core, rest)


def _other_things(profile: Profile) -> Iterator[str]:
    name = profile.names[0]
    if name.isascii():
        return
    yield f"非{name} 普通款 一件"
    yield f"《{name}》 图书 正版"
    yield f"{name}专用收纳盒 家用" if text_of(profile.gi.category) != "手工艺品" else f"{name} 鉴赏图书 正版"
    if not profile.foreign and text_of(profile.gi.category) != "手工艺品":
        yield f"{name}种子 种植 教程"


KNOWN_TWINS = (
    "武昌大米 10斤", "Wuchang 武昌鱼 鲜活", "武昌 旅游 一日游", "阳城 小米 5斤", "沁源 土豆 5斤", "沁水 黄小米 5斤",
    "方正 笔记本电脑", "方正科技 显示器", "官方正品 运动鞋", "响水 县城 地图", "西湖 区 家政服务", "金华 先生 定制",
    "安吉 尔 净水器", "安吉星 车载", "信宜 三华李", "香槟色 连衣裙", "香槟金 手机壳", "香槟玫瑰 花束", "香槟杯 高脚杯 6只", "慕尼黑 旅游 攻略",
    "和田玉 手镯", "仙人掌 盆栽", "北海道 牛奶", "太平鸟 男装", "太平洋 汽车", "万年历 挂历", "长子 传 图书", "庆安 重庆安徽 充值",
    "德州扑克 筹码", "兰州拉面 4盒", "南京 同仁堂 足浴", "南京 鲜花 同城", "大兴安岭 蓝莓 500g", "道口 挡板", "逍遥镇胡辣汤 5袋",
    "竹叶青茶 绿茶 100g", "铁观音 茶 250g", "毛尖 绿茶 250g", "陈醋 500ml", "火腿 肠 10根", "粉丝 200g", "红富士 苹果 5斤", "骏枣 500g",
    "哈密瓜 味 饮料", "大红袍 花椒 100g", "山东阿胶 500g", "整箱樱桃 5斤", "淮山药 片 500g", "龙井43 茶苗", "贵酒 酱香 53度", "剑南醇 52度",
    "武🉐昌🉐大🉐米 10斤", "①阳②城③小④米 5斤", "\u202e米大昌武\u202c 10斤", "武1️⃣昌2️⃣大3️⃣米", "武\u3164昌\u3164大\u3164米", "火山石 烤肉 黑山石板",
    "日月潭 红茶 木木 手作", "马户 又鸟 小说 图书", "香米 大米 5㎏装 二〇二六年", "①大米 ②小米 ③红豆 拼装", "2.5㎏×2 长粒香米 Ⅱ级", "贺兰山 旅游 攻略",
    "香炉山 葡萄酒 750ml", "河西 走亲访友 葡萄酒", "沪州 地图 旧版", "釜山 海苔 200g", "安普洱 手机壳", "莱市场 蔬菜 配送", "大理石 茶几 茶 托盘",
    "大连海参崴 跟团游", "洛川苹果手机维修", "赤峰小米电视 安装", "普洱咖啡机 租赁", "普洱茶室 转让", "兰州百合网 会员", "百色芒果TV 会员", "文昌鸡翅木 筷子",
    "左权核桃木 菜板", "稷山枣木 擀面杖", "盐池滩羊皮 坐垫", "阳澄湖蟹壳黄 烧饼", "高邮鸭蛋青 旗袍", "龙口粉丝团 灯牌", "平遥牛肉色 油漆", "方正大米字格 练字本",
    "烟台苹果绿 卫衣", "西峡香菇头 假发", "绛县樱桃木 餐桌", "平顺花椒木 手串", "宣纸色 墙布", "章丘大葱玩偶", "庐山云雾 挂画 山水", "文昌鸡血石 印章",
    "云南过桥米线 4盒", "马鞍山 鲜花 配送", "凤凰 新华书店 图书", "平阴 县 地图", "烟台 海景 民宿", "长白山 旅游 门票", "新疆 和田玉 籽料",
)  # fmt: skip

_LOOK_ALIKES = (
    "湖糊瑚",
    "大太犬",
    "末未",
    "常裳",
    "米来",
    "茶荼",
    "井丼",
    "龙尤",
    "白百",
    "梨犁",
    "桃挑",
    "酒洒",
    "肉内",
    "羊芊",
    "鱼渔",
    "栗粟",
    "阳陌",
    "澄橙",
    "州洲",
    "白自",
    "宁宇",
    "果课",
    "口日",
    "丘乒",
    "三二",
    "关夫",
    "中申",
    "东车",
    "尖尘",
    "黄横",
    "醋错",
    "灵炅",
    "牛朱",
    "互瓦",
    "左在",
    "麻磨",
    "响晌",
    "镇填",
    "郫啤",
    "粮娘",
    "潼撞",
    "泸沪",
    "烟咽",
)
_CYRILLIC = str.maketrans(
    {"a": "\u0430", "c": "\u0441", "e": "\u0435", "o": "\u043e", "p": "\u0440", "x": "\u0445", "y": "\u0443"}
)
_PAIRS = (
    "湖=氵胡 澄=氵登 江=氵工 河=氵可 海=氵每 油=氵由 清=氵青 酒=氵酉 沁=氵心 洛=氵各 涪=氵咅 汾=氵分 泸=氵卢 洱=氵耳 泾=氵圣 "
    "阳=阝日 陈=阝东 陕=阝夹 都=者阝 郫=卑阝 枸=木句 杞=木己 柿=木市 桔=木吉 椒=木叔 橙=木登 桃=木兆 梨=利木 核=木亥 榨=木窄 "
    "枣=朿冫 苹=艹平 葡=艹匍 萄=艹匋 菊=艹匊 葱=艹怱 蒜=艹祘 莲=艹连 茶=艹余 薯=艹署 花=艹化 芪=艹氏 苏=艹办 荞=艹乔 "
    "鸡=又鸟 鸭=甲鸟 虾=虫下 蟹=解虫 蚕=天虫 蜂=虫夆 红=纟工 绿=纟录 绍=纟召 城=土成 坪=土平 银=钅艮 镇=钅真 铺=钅甫 "
    "粉=米分 粮=米良 稻=禾舀 种=禾中 香=禾日 信=亻言 佛=亻弗 仙=亻山 化=亻匕 保=亻呆 烟=火因 烧=火尧 醋=酉昔 酥=酉禾 "
    "岩=山石 峨=山我 岷=山民 崂=山劳 昌=日日 明=日月 晋=亚日 盐=土卜皿 腿=月退 脐=月齐 胶=月交 福=礻畐 神=礻申 祁=礻阝 "
    "饼=饣并 馍=饣莫 饶=饣尧 猕=犭弥 猴=犭侯 狗=犭句 怀=忄不 恒=忄亘 扳=扌反 诺=讠若 连=辶车 通=辶甬 道=辶首 遥=辶爫缶 "
    "闸=门甲 阆=门良 鲁=鱼日 鲈=鱼卢 驴=马户 骏=马夋 射=身寸 勒=革力 静=青争 鞍=革安 顺=川页 黎=利水 麦=龶夂 麻=广林"
)
_PARTS = {pair[0]: pair[2:] for pair in _PAIRS.split()}

KINDS: dict[str, Maker] = {
    "plain": _plain,
    "spaces": _between((" ", "  ", "\u3000", "\u00a0", "\u2009")),
    "signs": _between(_SIGNS),
    "one-sign": _one_gap(_SIGNS),
    "hidden": _between(_HIDDEN),
    "directions": _between(_DIRECTIONS),
    "emoji": _between(_EMOJI),
    "one-emoji": _one_gap(_EMOJI),
    "fillers": _between(_FILLERS),
    "enclosed": _between(_ENCLOSED),
    "one-enclosed": _one_gap(_ENCLOSED),
    "reversed": _reversed,
    "traditional": _traditional,
    "pinyin": _pinyin,
    "toned": _toned,
    "letters-apart": _apart,
    "foreign-letters": _foreign_letters,
    "mixed": _mixed,
    "initials": _initials,
    "homophone": _homophone,
    "homophone-long": _long_homophone,
    "split": _split,
    "look-alike": _look_alike(_LOOK_ALIKES),
    "inserted": _inserted,
    "suffixed": _suffixed,
    "inverted": _inverted,
    "style": _styled,
    "brackets": _bracketed,
}
"""How a name is written around, by kind."""


def titles_of(register: Register, gi: GI) -> list[Made]:
    """The evasions of one GI, for a look by hand."""
    return [made for made in make_evasions(register) if made.gi_id == gi.id]

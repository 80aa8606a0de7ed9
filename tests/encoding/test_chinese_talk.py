"""Chinese as people type it in chats: what is stated, and what must not be read as a fact.

Each table is of one kind. `+` stands before a fact that holds, `-` before one denied or over.
"""

import pytest

from remanence import instants
from remanence.encoding.extraction import extract

AT = instants.parse("2025-03-20T09:00:00")


def said(text, speaker="小周"):
    """Facts as "+subject relation object"; the speaker is 我."""
    found = extract(text, speaker=speaker, addressee=None, at=AT)
    return [
        ("-" if c.negated or c.change == "end" else "+")
        + f"{c.subject} {c.relation} {c.object}".strip().replace(speaker, "我")
        for c in found
    ]


def table(text):
    """Rows "sentence => fact; fact" as parameters."""
    rows = (line.partition(" => ") for line in text.strip().splitlines())
    return [(sentence.strip(), facts.strip().split("; ")) for sentence, _, facts in rows]


HOME = """
我住在厦门 => +我 lives_in 厦门
现在住无锡，离公司很近 => +我 lives_in 无锡
我家在绍兴，每个月回一趟 => +我 lives_in 绍兴
上周刚搬到青岛 => +我 lives_in 青岛
我从西安搬到珠海了 => +我 lives_in 珠海
我們家住高雄 => +我 lives_in 高雄
我住在Munich => +我 lives_in Munich
我老家河北邯郸的 => +我 comes_from 河北邯郸
我是地道的武汉人 => +我 comes_from 武汉
我领导是东北人 => +我的领导 comes_from 东北
来苏州六年了 => +我 lives_in 苏州
我不住通州了 => -我 lives_in 通州
我以前住在昆明 => -我 lives_in 昆明
我不在长春了 => -我 lives_in 长春
我姐定居在温哥华 => +我的姐姐 lives_in 温哥华
我弟小宇住在济南 => +小宇 lives_in 济南; +我 sibling_of 小宇
王小明的妹妹住在大连 => +王小明的妹妹 lives_in 大连
张老师住在绵阳 => +张老师 lives_in 绵阳
我在海口长大的 => +我 grew_up_in 海口
下个月搬去三亚 => +我 plans_to 搬去三亚
我住在了望台小区 => +我 lives_in 了望台小区
６月我搬到了佛山 => +我 lives_in 佛山
"""
WORK = """
我在格力上班 => +我 works_for 格力
我在 Google 上班 => +我 works_for Google
我在美的做测试工程师 => +我 works_for 美的; +我 works_as 测试工程师
我是一名放射科医生 => +我 works_as 放射科医生
我做会计十二年了 => +我 works_as 会计
我跳槽到小米了 => +我 works_for 小米
我从网易离职了 => -我 works_for 网易
我上个月被裁了 => +我 work_status 裁; -我 works_for
我爸去年退休了 => +我的爸爸 work_status 退休
我老公是消防员 => +我的老公 works_as 消防员
我妹在小学教语文 => +我的妹妹 teaches 语文
我没在腾讯上班 => -我 works_for 腾讯
我以前是记者 => -我 works_as 记者
我转行做插画师了 => +我 works_as 插画师
我负责测试 => +我 responsible_for 测试
我开了家花店 => +我 runs 花店
现在上夜班 => +我 work_schedule 夜班
我居家办公 => +我 work_schedule 居家办公
我表哥在部队 => +我的表哥 works_for 部队
小李在阿里上班 => +小李 works_for 阿里
约翰·史密斯在微软工作 => +约翰·史密斯 works_for 微软
我月薪一万二 => +我 salary 一万二
"""
STUDY = """
我在南京大学读研 => +我 studies_at 南京大学
我表弟考上浙大了 => +我的表弟 studies_at 浙大
我高二 => +我 study_stage 高二
女儿上三年级了 => +我的女儿 study_stage 三年级
我是学建筑的 => +我 studied 建筑
我专业是哲学 => +我 studied 哲学
我毕业于重庆大学 => +我 educated_at 重庆大学
我儿子在巴黎留学 => +我的儿子 studies_in 巴黎
我弟是高中生 => +我的弟弟 study_stage 高中生
"""
FAMILY = """
我有一个姐姐和两个弟弟 => +我 sibling_of 我的姐姐; +我 sibling_of 两个弟弟
我女儿叫糖糖 => +我 parent_of 糖糖
我妹妹小林，今年八岁 => +我 sibling_of 小林; +小林 age 八岁
我儿子六岁半 => +我的儿子 age 六岁半
我爷爷去年去世了 => +我的爷爷 died 去世
我们不要孩子 => +我 plans_to 不要孩子
怀孕二十周了 => +我 has_condition 怀孕二十周
预产期八月 => +我 due_date 八月
我岳父血压高 => +我的岳父 has_condition 血压高
小林是我室友 => +我 roommate_of 小林
我有个双胞胎哥哥 => +我 sibling_of 我的双胞胎哥哥
我爸叫周建国，我妈叫刘芳 => +我 child_of 周建国; +我 child_of 刘芳
我女儿今年上小学，叫朵朵 => +我的女儿 study_stage 小学; +我的女儿 named 朵朵
"""
PARTNERS = """
我结婚了 => +我 relationship_status 结婚
我离婚三年了 => +我 relationship_status 离婚
我跟李红分了 => -我 dating 李红
我和赵亮在一起五年了 => +我 dating 赵亮
我和陈静结婚了 => +我 married_to 陈静
单身二十八年 => +我 relationship_status 单身
谈了个男朋友 => +我 has_partner 我的男朋友
我老婆叫孙倩 => +我 married_to 孙倩
我前妻李红再婚了 => -我 married_to 李红
我對象叫林軒 => +我 dating 林軒
"""
PETS = """
我养了一只猫，叫团子 => +我 has_pet 猫; +我的猫 named 团子
家里有两只鹦鹉 => +我 has_pet 两只鹦鹉
领养了一只小橘猫 => +我 has_pet 小橘猫
我家狗叫旺财 => +我 has_pet 狗; +我的狗 named 旺财
我的猫去世了 => -我 has_pet 猫
猫送人了 => -我 has_pet 猫
我養了一隻貓 => +我 has_pet 貓
我没养过狗 => -我 has_pet 狗
"""
BODY = """
我对花生过敏 => +我 allergic_to 花生
我對蝦過敏 => +我 allergic_to 蝦
我对花粉轻微过敏 => +我 allergic_to 花粉
我芒果过敏 => +我 allergic_to 芒果
我对虾、蟹还有贝类过敏 => +我 allergic_to 虾; +我 allergic_to 蟹; +我 allergic_to 贝类
我对海鲜不过敏 => -我 allergic_to 海鲜
儿子对牛奶不过敏了 => -我的儿子 allergic_to 牛奶
我有哮喘 => +我 has_condition 哮喘
我没有糖尿病 => -我 has_condition 糖尿病
确诊了甲亢 => +我 has_condition 甲亢
在吃优甲乐 => +我 takes_medicine 优甲乐
每天吃一片阿司匹林 => +我 takes_medicine 阿司匹林
停了布洛芬 => -我 takes_medicine 布洛芬
我腰不好 => +我 has_condition 腰不好
膝盖做过手术 => +我 had_surgery 膝盖
最近老失眠 => +我 has_condition 失眠
我恐高 => +我 afraid_of 恐高
我身高一米八二 => +我 height 一米八二
我血型是AB型 => +我 blood_type AB型
"""
TASTE = """
我喜欢钓鱼 => +我 likes 钓鱼
我超爱螺蛳粉 => +我 likes 螺蛳粉
我喜歡喝烏龍茶 => +我 likes 喝烏龍茶
我喜欢喝latte => +我 likes 喝latte
我喜欢唱歌、跳舞和画画，但不喜欢跑步 => +我 likes 唱歌; +我 likes 画画; +我 dislikes 跑步
我喜欢跟朋友聊天 => +我 likes 跟朋友聊天
我不太喜欢吃香菜 => +我 dislikes 吃香菜
讨厌下雨天 => +我 dislikes 下雨天
受不了榴莲的味道 => +我 dislikes 榴莲
不吃羊肉 => +我 dislikes 羊肉
我不喝酒 => +我 avoids 酒
我吃素三年了 => +我 diet 吃素
戒烟两年了 => +我 quit 抽烟
最喜欢的颜色是绿色 => +我 favourite_colour 绿色
火锅是我的最爱 => +我 likes 火锅
我对天文很感兴趣 => +我 likes 天文
我不再喜欢打篮球了 => -我 likes 打篮球
我怕蛇 => +我 afraid_of 蛇
"""
DOING = """
我会弹古筝 => +我 plays 古筝
我会说粤语和英语 => +我 speaks 粤语; +我 speaks 英语
我不会游泳 => -我 skill 游泳
我每天跑步 => +我 habit 跑步
每周四晚上打羽毛球 => +我 plays 羽毛球
我一般十一点睡 => +我 habit 十一点睡
我的爱好是摄影和爬山 => +我 hobby 摄影; +我 hobby 爬山
在学西班牙语 => +我 learning 西班牙语
我信佛 => +我 religion 佛
我是天蝎座 => +我 trait 天蝎座
我社恐 => +我 trait 社恐
我属兔 => +我 zodiac 兔
我爸抽烟 => +我的爸爸 habit 抽烟
我不抽烟了 => -我 habit 抽烟
"""
THINGS = """
我有一辆电动车 => +我 owns 电动车
我没有车 => -我 owns 车
买了台新相机 => +我 owns 相机
我把摩托车卖了 => -我 owns 摩托车
我的手机被偷了 => -我 owns 手机
房租四千五 => +我 rent 四千五
门锁密码是8842 => +我的门锁 password 8842
我手机号是138 0013 8000 => +我 has_phone 138 0013 8000
我电话号码：１３８００１３８０００ => +我 has_phone １３８００１３８０００
邮箱发到lin@example.com吧 => +我 has_email lin@example.com
快递寄到和平路18号2栋301 => +我 has_address 和平路18号2栋301
"""
EVENTS = """
我去过冰岛 => +我 has_visited 冰岛
我没去过西藏 => -我 has_visited 西藏
去过日本、韩国和泰国 => +我 has_visited 日本; +我 has_visited 泰国
去年和闺蜜去了趟敦煌 => +我 has_visited 敦煌
我打算考驾照 => +我 plans_to 考驾照
明年三月去挪威 => +我 plans_to 去挪威
我生日是九月九号 => +我 birthday 九月九号
周会改到周五上午了 => +我的周会 scheduled_for 周五上午
去云南的计划取消了 => -我 plans_to 去云南
我参加了表哥的婚礼 => +我 attended 表哥的婚礼
"""
NAMES = """
我叫沈清 => +我 named 沈清
大家好我叫林小满，叫我小满就行 => +我 named 林小满; +我 named 小满
大家都叫我阿杰 => +我 named 阿杰
我的小名是豆豆 => +我 named 豆豆
我不叫小明，我叫小军 => -我 named 小明; +我 named 小军
我姓诸葛 => +我 surname 诸葛
"""
STATED = [HOME, WORK, STUDY, FAMILY, PARTNERS, PETS, BODY, TASTE, DOING, THINGS, EVENTS, NAMES]


@pytest.mark.parametrize(("text", "facts"), [row for kind in STATED for row in table(kind)])
def test_what_is_stated_is_read(text, facts):
    assert set(facts) <= set(said(text))


NOTHING = """
你住在柏林吗
你叫什么名字呀
谁说我喜欢榴莲了？
我哪里会喜欢加班
我什么时候说过我喜欢榴莲？
你觉得我住在成都合适吗？
如果我住在杭州就好了
要是有钱我就买辆保时捷
假如我有一套房
我差点搬到上海
我本来打算去日本
恨不得搬到大理
我可能会搬到大理
希望我能搬到成都
真羡慕你住在海边
听说小王跳槽去了华为
他说他住在北京
老师说我有近视
我妈以为我在银行上班
大家都以为我对花生过敏
我假装住在上海
他写道：“我住在西安。”
王芳：我住在西安
转发：我对青霉素过敏
歌词是：我在北京工作
把这句话翻译成英文：我住在成都
在游戏里我有一辆坦克
昨天看的电影里男主住在香港
梦见我搬到了巴黎
我搬到客厅去睡了
我们搬到三楼办公了
会议搬到周三了
我住在你心里
我在图书馆工作了一下午
我今天在星巴克工作
我在地铁上工作
我在路上
我叫他早点来
我叫了一辆车
我叫你呢
我叫老板加薪
我叫孩子起床
我有一台戏要看
我有一把年纪了
我有点累
我有个问题
我打算盘打得很好
我们准备好了
我决定了
我谈不上喜欢爵士乐
我不讨厌他做的菜
我不是不喜欢狗
我感觉自己像八十岁了
我十二岁的时候搬到上海，那年很热
我从来不吃素
他是个好人
今天天气真不错
好的谢谢你
哈哈哈笑死我了
在吗
讲个笑话呗
生日快乐，万事如意
推荐一家火锅店
写一首关于秋天的诗
恭喜你们结婚
你家猫真可爱
这道题选B吧
电话是010-65551234
地址是朝阳路27号
周边没有酒店
江苏是真的
我上司是个律师，听说很贵
路过一个商场，叫万象城
我们需要去理解这件事
喜欢的妹子是河北人
我想找一家便宜的酒店，求推荐
河南人，懂的都懂
上海人不敢嫁外地人
"""
FALSE = {
    "我十二岁的时候搬到上海，那年很热": {"+我 age 十二岁"},
    "我从来不吃素": {"+我 diet 吃素"},
    "我上司是个律师，听说很贵": {"+我 reports_to 个律师"},
}


@pytest.mark.parametrize("text", NOTHING.strip().splitlines())
def test_what_is_not_stated_is_no_fact(text):
    held = {fact for fact in said(text) if fact[0] == "+"}
    assert not (held & FALSE[text] if text in FALSE else held)


@pytest.mark.parametrize(
    ("text", "kept", "left_out"),
    [
        ("你们那冷吗？我住在漠河，零下三十度", "+我 lives_in 漠河", "你们"),
        ("他跟我说我在华为挺好的。其实我在中兴工作", "+我 works_for 中兴", "华为"),
        ("听说要裁员。我在银行上班，还好", "+我 works_for 银行", "裁"),
        ("麻烦记一下，门禁密码是7310", "+我的门禁 password 7310", "记一下"),
        ("老爸退休了，天天去公园下象棋", "+我的爸爸 habit 去公园下象棋", "+我 habit"),
        ("我妹妹在医院上班，住在宿舍楼", "+我的妹妹 works_for 医院", "+我 lives_in"),
        ("我跟你说过我不吃辣", "+我 dislikes 辣", "说过"),
    ],
)
def test_a_clause_is_read_for_itself(text, kept, left_out):
    facts = said(text)
    assert any(fact.startswith(kept[:-2]) for fact in facts), facts
    assert not any(left_out in fact for fact in facts), facts


@pytest.mark.parametrize(
    ("text", "relation", "value", "change"),
    [
        ("我搬到泉州了", "lives_in", "泉州", "begin"),
        ("我从宁波搬到泉州了", "lives_in", "泉州", "replace"),
        ("我以前在东软上班", "works_for", "东软", "end"),
        ("我戒酒了", "quit", "喝酒", ""),
        ("我把手机换成华为了", "uses", "华为", "replace"),
        ("停了优甲乐", "takes_medicine", "优甲乐", "end"),
        ("我现在不喜欢吃甜的了", "likes", "吃甜", "end"),
    ],
)
def test_change_is_told_from_state(text, relation, value, change):
    found = extract(text, speaker="Wei", addressee=None, at=AT)
    fitting = [c for c in found if (c.relation, c.object) == (relation, value)]
    assert [c.change for c in fitting] == [change]


def test_traditional_characters_are_kept_as_they_were_written():
    assert "+我 lives_in 臺南" in said("我住在臺南")
    assert "+我 sibling_of 怡婷" in said("我妹妹怡婷在國泰上班")


def test_without_a_speaker_nothing_spoken_is_read():
    assert not extract("我住在成都。我对花生过敏。", speaker=None, addressee=None, at=AT)

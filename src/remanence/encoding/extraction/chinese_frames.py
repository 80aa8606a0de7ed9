"""How spoken Chinese says each relation about home, work, study and names: a table of frames.

A frame is tried where the predicate of a clause begins, and must reach its end. `{relation:kind}`
is a slot; `<DUR>`, `<DEG>` and the like are spans of time, degree and company (`MACROS`).

Marks: `deny` a negation is stated as a denial; `event` happens once, 以前 does not end it; `taste`
not liking is disliking; `plan` a modal or a time to come must stand before; `free` a modal may;
`self` only of the speaker; `named` the subject must be said; `often` a frequency must stand before;
`ask` a request states it too; `begin`, `end`, `replace` what has changed; `void` ends whatever held.
"""

from typing import Final

from remanence.encoding.extraction.chinese_head import NUMBER, TIME
from remanence.encoding.extraction.pattern import Pattern

__all__ = ["LIFE", "MACROS", "P", "STUDY", "WORK"]

P: Final = Pattern
MACROS: Final = {
    "<DUR>": rf"(?:了|有|已经|都|快|整整|差不多|将近|大概|超过|前后)*(?:(?:{NUMBER}|好几|几十?|大半)多?(?:年|个?多?月|天|周|个?星期|辈子|个?学期|个小时|小时)(?:多|半|左右)?|好久|很久|很多年|多年|好多年)(?:了|多了|的时间|左右|整)*",
    "<DEG>": "(?:特别|非常|很|太|超级?|超|极其|极|最|挺|蛮|好|真的?|有点儿?|有些|比较|严重|轻微|轻度|重度|一直|从小|都|也|就|还|更加?|越来越|格外|相当|尤其|实在|巨|贼|老|可)*",
    "<WITH>": "(?:(?:跟|和|与|陪|同|带着?)[^，。]{1,8}?(?:一起|一块儿?)?)?",
    "<NUM>": NUMBER,
    "<TIME>": f"(?:{TIME})*",
    "<IS>": "(?:还|就|一直|主要|现在|依然|永远|仍|应该|当然|目前|都|也)*(?:是|为|:|叫做?)",
    "<CL>": "(?:一?[个位名家间所]|了|过|着)*",
}

# fmt: off
LIFE: Final = (
    P("从 由", "(?:从|由){was_lives_in:place}(?:搬家?|移居|迁居|移民|调|转)(?:到|去|至|往|来|回)了?{lives_in:place}(?:去|来)?", "我从北京搬到了杭州 => Wei lives_in 杭州", "replace"),
    P("从", "从{moved_from:place}(?:刚|才)?(?:搬|回|过|移民|调)(?:到|来)?(?:这里|这边|这儿|国内|国|来|过来)", "我刚从荷兰搬到这里 => Wei moved_from 荷兰", "event"),
    P("从", "从{was_lives_in:known}(?:回|搬回|来)(?:到|来)?了?{lives_in:known}", "我去年从上海回到了成都 => Wei lives_in 成都", "replace"),
    P("搬 移居 迁 移民", "(?:搬家?|移居|迁居|移民)(?:到|去|至|来|进|回|往)?了?{plans_to:place}(?:去|来)?", "我下个月搬去重庆 => Wei plans_to 重庆", "plan future verb event"),
    P("搬 移居 迁 移民", "(?:搬家?(?:到|去|至|来|进|回)|移居(?:到|至)?|迁居(?:到|至)?|移民(?:到|去|至)?)了?{lives_in:place}", "我三月份搬到成都去了 => Wei lives_in 成都", "begin"),
    P("住 居 扎根 落户", "(?:住在|居住在|居住于|现居于?|现居住在|定居在?于?|常住|家住在?|旅居|暂住在?|租住在?|租在|落户在?|扎根在?|住到?)(?!院|宿|校|口|的|不){lives_in:place}", "我住在深圳 => Wei lives_in 深圳", "deny"),
    P("在", "在{lives_in:place}(?:住|待|呆|生活|定居|漂)(?:了|着|过)?(?:<DUR>)?(?:的)?", "我在青岛住了六年 => Wei lives_in 青岛", "deny"),
    P("来 到 在", "(?:才|就)?(?:来|到|在|搬来|回){lives_in:known}(?:这边|这里)?(?:<DUR>|的)", "来厦门五年了 => Wei lives_in 厦门", "begin"),
    P("来", "(?:才)?来(?:的){lives_in:known}", "我2019年才来的南京 => Wei lives_in 南京", "begin"),
    P("在", "(?:人|家)?(?:就|还)?在{lives_in:known}(?:这边|这里|那边)?", "我现在人在长沙 => Wei lives_in 长沙", "deny self"),
    P("家在", "家(?:就|还)?在{lives_in:place}", "我家在苏州 => Wei lives_in 苏州"),
    P("离开", "(?:从未|没有?|没)?离开过?{lives_in:known}", "我从未离开过云南 => Wei lives_in 云南", "stay"),
    P("离开", "离开了?{lives_in:known}", "我去年离开了深圳 => Wei lives_in 深圳", "end"),
    P("回", "(?:回|回到)了?{lives_in:known}(?:发展|生活|工作|定居)?", "我现在不在广州了，回南宁了 => Wei lives_in 南宁", "begin after"),
    P("老家 祖籍 籍贯 家乡", "(?:的)?(?:老家|祖籍|籍贯|家乡)(?:就|也)?(?:是|在)?{comes_from:place}(?:的|那边的?|人)?", "老家山东烟台的 => Wei comes_from 山东烟台"),
    P("来自", "来自于?{comes_from:place}", "我来自湖南 => Wei comes_from 湖南"),
    P("人", "(?:(?:是|算是)(?:个|一个|一名|一位)?)?{comes_from:home}(?:人|的)", "我是湖南人 => Wei comes_from 湖南"),
    P("长大", "(?:在|从小在){grew_up_in:place}(?:长大|出生|出生长大|土生土长)的?", "我在海边小城威海长大 => Wei grew_up_in 海边小城威海"),
    P("生", "(?:是)?(?:在|于)?{born_on:date}(?:份)?(?:出生|生日|生)(?:的|人)?", "我1990年3月生的 => Wei born_on 1990年3月"),
    P("生", "(?:出生|生)(?:于|在){born_on:date}(?:的)?", "我出生于1990年 => Wei born_on 1990年"),
    P("生", "(?:出生|生)(?:于|在){born_in:place}(?:的)?", "我出生在西安 => Wei born_in 西安"),
    P("岁", "(?:已经|都|快|刚满?|马上|才|只有|刚过|虚岁|实岁|周岁|满|就|今年|只)*(?:是)?{age:age}(?:了|啦)?(?:的人了?)?", "我今年三十二岁 => Wei age 三十二岁", "noend free"),
    P("今年", "今年(?:就|都|已经|刚满?|才|满)*{age:number}(?:了|啦|岁)", "我今年28了 => Wei age 28", "noend"),
    P("后", "(?:是)?(?:个|一个|一枚)?(?P<age_group>(?:\\d0|\\d5|[五六七八九零〇][零〇五])后)(?:的)?", "我是九五后 => Wei age_group 九五后"),
    P("属", "属(?:相是|的是)?(?P<zodiac>[鼠牛虎兔龙蛇马羊猴鸡狗猪])(?:的)?", "我属马的 => Wei zodiac 马"),
    P("生日", "(?:的)?(?:阳历|农历|阴历)?生日(?:就)?(?:是|在)?(?:每年)?(?:的)?{birthday:date}", "我的生日是三月十二号 => Wei birthday 三月十二号"),
    P("生日", "(?P<birthday>今天|明天|昨天|后天)?(?:过|是我?的?)?生日", "我今天过生日 => Wei birthday 今天", "self timed"),
    P("名字 叫 名", "(?:的)?(?:真名|大名|全名|本名|中文名|名字)?(?:名叫|就?叫做?|名字是|大名是|名为|取名叫?|名字叫做?|全名是|真名是|中文名是){named:called}", "我叫周亦航 => Wei named 周亦航", "deny name"),
    P("叫我", "(?:可以|都|就|们|也|直接|一般|喜欢|爱|平时|请|大家)*(?:叫|喊|称呼)我{named:called}", "叫我阿诚就行 => Wei named 阿诚", "ask free nick"),
    P("小名 外号 昵称 名 绰号 代号", "(?:的)?(?:小名|乳名|外号|绰号|昵称|英文名字?|网名|笔名|艺名|花名|微信名|游戏名|法语名|日文名)(?:<IS>){named:called}", "我的英文名是Leo => Wei named Leo"),
    P("姓", "(?:免贵)?姓{surname:called}", "我姓欧阳 => Wei surname 欧阳", "short"),
    P("改名", "改名(?:叫|为|成|字叫)?了?{named:called}", "我改名叫沈清了 => Wei named 沈清", "begin"),
)

WORK: Final = (
    P("从", "从{was_works_for:org}(?:离职|辞职|跳槽|出来|跳|转)(?:后|以后|之后)?(?:又)?(?:去|到|加入|跳槽到|入职|来)了?{works_for:org}", "我从阿里离职后去了美团 => Wei works_for 美团", "replace"),
    P("从", "从{was_works_as:np}(?:改行|转行|转岗)(?:做|到|当|成|去做|为)?了?{works_as:job}", "我从教培转行做了甜品师 => Wei works_as 甜品师", "replace"),
    P("转行 改行", "(?:转行|改行|转岗)(?:去)?(?:做|到|当|成|为)?了?{works_as:job}", "我转行做程序员了 => Wei works_as 程序员", "begin"),
    P("离职 辞职 退休 离开 跳槽", "(?:从|在){works_for:org}(?:那边)?(?:离职|辞职|退休|离开|辞|走人|跳槽|退伍|不干)(?:了|掉)?(?:<DUR>)?", "我从阿里离职了 => Wei works_for 阿里", "end once"),
    P("离开", "离开了?{works_for:org}", "我上个月离开了百度 => Wei works_for 百度", "end once"),
    P("辞", "(?:把)?辞(?:掉|去|退)?了?在?{works_for:org}的(?:工作|职务|职)", "我辞掉了在百度的工作 => Wei works_for 百度", "end"),
    P("辞", "(?:把)?辞(?:掉|去)?了{works_as:job}(?:的工作|的职)?", "我哥前年辞了厨师 => Wei的哥哥 works_as 厨师", "end"),
    P("被", "被{works_for:org}(?:裁员?|开除|辞退|优化|炒|解雇|裁掉|劝退|毕业)(?:了|掉)*", "我被百度裁员了 => Wei works_for 百度", "end once"),
    P("离职 辞 失业 下岗 裸辞 待业 裁 开除 优化 解雇 炒", "(?:被|刚|已经|就)*(?:公司|单位|老板)?(?P<work_status>离职|辞职|失业|下岗|裸辞|待业|裁员?|开除|辞退|优化|解雇|炒鱿鱼|炒了?|gap|停薪留职)(?:了|掉|中|在家|啦|<DUR>)*", "我上周被裁了 => Wei work_status 裁", "void begin"),
    P("退休", "(?:刚|已经|提前|就|都|正式|光荣|内|早)*(?P<work_status>退休|内退|退伍)(?:了|啦|<DUR>|在家|多年)*", "我爸退休了 => Wei的爸爸 work_status 退休", "void begin"),
    P("工作 上班", "在{works_in:known}(?:工作|上班|打工|实习)(?:<DUR>)?", "我在上海工作 => Wei works_in 上海", "deny job"),
    P("工作 上班 任职 供职 就职 打工 干 实习 当差 搬砖", "(?:就|正)?(?:在|于){works_for:org}(?:的)?(?:里|那边|那儿)?(?:工作|上班|任职|供职|就职|打工|实习|当差|搬砖|做事|干)(?:了|过|的)?(?:<DUR>)?", "我在华为工作 => Wei works_for 华为", "deny job"),
    P("任职 供职 就职 效力", "(?:任职|供职|就职|效力)于{works_for:org}", "我就职于华为 => Wei works_for 华为", "deny"),
    P("做 当 担任 任 干", "(?:就|正)?在{works_for:org}(?:那边|里)?(?:做|当|担任|任|干){works_as:job}", "我在腾讯做产品经理 => Wei works_as 产品经理"),
    P("在", "(?:的)?(?:工作|单位|公司)(?:就)?(?:是|在){works_for:firm}", "我单位在招商银行 => Wei works_for 招商银行"),
    P("入职 加盟 加入 跳", "(?:刚|已经|成功)*(?:跳槽(?:到|去)|跳到|入职|加盟)了?(?:到|去)?{works_for:org}", "我跳槽去了平安 => Wei works_for 平安", "begin"),
    P("加入", "(?:刚|已经|成功)*加入了?{works_for:firm}", "我加入了美团 => Wei works_for 美团", "begin"),
    P("去 到 报到 上班", "(?:去|到){works_for:org}(?:报到|上班|入职|工作)(?:了)?", "下周一去美团报到 => Wei works_for 美团", "begin free"),
    P("去了", "去了{works_for:firm}", "我去年去了远大公司 => Wei works_for 远大公司", "begin"),
    P("去了", "去了{works_for:employer}(?:上班|工作)?", "我表哥去年去了字节 => Wei的表哥 works_for 字节", "begin"),
    P("工作", "工作的(?P<works_in>[^，。我你他的]{2,8}?)(?:里|中|走|每|有|是|都).*", "我工作的养老院里有个花园 => Wei works_in 养老院", "open"),
    P("领域 行业 圈", "(?:主要|是)*(?:在|做|从事|搞){works_in:nps}(?:领域|行业|方面|圈)(?:的?工作)?", "我在海外金融领域 => Wei works_in 海外金融"),
    P("从事", "从事{works_in:nps}(?:工作|行业|的|相关工作)*(?:<DUR>)?", "我从事环保工作 => Wei works_in 环保"),
    P("在", "(?:就)?在(?P<works_for>部队|医院|学校|国企|央企|外企|银行|体制内|事业单位|政府|法院|检察院|大厂|小学|中学|高校|研究所|设计院|工厂|互联网公司|创业公司)(?:里|当兵)?", "我对象在部队 => Wei的对象 works_for 部队", "adult"),
    P("做 干 搞 当 是", "(?:是|在)?(?:做|干|搞|当|任|担任|从事)(?:了|过|着)?(?:<CL>){works_as:job}(?:的|的工作|工作)?(?:<DUR>)?", "我做会计八年了 => Wei works_as 会计", "deny"),
    P("是", "(?:就|只|也)?(?:是|为)(?:<CL>)(?:在[^，]{1,6}?的)?{works_as:job}(?:<DUR>)?", "我是一名护士 => Wei works_as 护士", "deny"),
    P("是做 是搞 做 搞", "(?:是)?(?:做|搞|干|弄){works_in:field}(?:的|这行的?|行业的?|这块的?)", "我是做外贸的 => Wei works_in 外贸"),
    P("职业 职位 岗位 工作", "(?:的)?(?:职业|职位|岗位|工作|本职|主业|副业|职务)(?:<IS>)(?:<CL>){works_as:np}", "我的职业是护士 => Wei works_as 护士"),
    P("负责人 老板 合伙人 创始人 店长 股东 经营者", "(?:是)(?:<CL>){runs:nps}的(?:负责人|老板|合伙人|创始人|店长|老板娘|股东|经营者)", "我是一家小书店的老板 => Wei runs 小书店"),
    P("负责", "(?:主要)?负责(?:的是)?{responsible_for:nps}(?:的|这块|工作)?", "我负责后端 => Wei responsible_for 后端"),
    P("教", "(?:是)?(?:在[^，]{2,8}?)?教(?:的|的是|过)?{teaches:subject}(?:的)?(?:<DUR>)?", "我教高中物理 => Wei teaches 高中物理"),
    P("开", "(?:在{lives_in:known})?(?:自己|合伙|合开|和[^，]{1,5}|跟[^，]{1,5})?(?:一起|合伙)?(?:开|经营|运营|盘下|承包)(?:着|过)?了?(?:<CL>)?(?:自己的)?{runs:shop}(?:<DUR>)?", "我大舅在东莞开了个五金厂 => Wei的大舅 runs 五金厂"),
    P("创业 自由职业 家里蹲 全职", "(?:在|是|自己)*(?P<work_status>创业|自由职业|在家带孩子|全职带娃|待岗|全职主妇)(?:中|者|的|<DUR>|了)*", "我在创业 => Wei work_status 创业"),
    P("升", "(?:被)?(?:升|晋升|提拔|提)(?:职|任|为|到|成|做|当)*了?(?:为|成)?{works_as:job}", "我升主管了 => Wei works_as 主管", "begin"),
    P("升职 升", "(?P<career_event>升职|升官|加薪|涨薪|转正|升)了", "我升职了 => Wei career_event 升职", "event"),
    P("班", "(?:都是|是|都|在)?(?:上|倒|值|转|换成|改上|改成|改|三班倒)(?:的)?(?:了|成)?(?P<work_schedule>夜班|白班|早班|晚班|中班|大夜|小夜|倒班|三班倒|两班倒)", "我上夜班 => Wei work_schedule 夜班", "deny"),
    P("双休 单休 996 955 远程 居家 在家 坐班", "(?:都|是|在|变成|改成|一直|成了|就|就变成|要|实行|也是)*(?P<work_schedule>双休|单休|大小周|996|955|007|远程办公|远程工作|居家办公|在家办公|在家上班|不坐班|弹性工作|弹性上班)(?:制)?的?", "我现在居家办公 => Wei work_schedule 居家办公"),
    P("参军 当兵 入伍 服役", "(?:去|曾|在)?(?P<serves_in>参军|当兵|入伍|服役|当过兵)(?:了|过|<DUR>)*", "我父亲参军 => Wei的爸爸 serves_in 参军"),
    P("种 养 卖 跑", "(?:在{works_in:known})(?:那边|老家)?(?P<works_as>(?:种|卖|跑|送|修|养)[\u4e00-\u9fff]{1,4}?)(?:的|为生)?(?:<DUR>)?", "我舅在云南种咖啡 => Wei的舅舅 works_as 种咖啡"),
    P("送 跑 开 种 卖 摆", "(?:是|在)?(?P<works_as>送外卖|跑外卖|送快递|跑滴滴|开滴滴|开出租车?|跑网约车|开网约车|开货车|开大车|跑运输|种地|种田|种菜|卖菜|卖保险|卖房子?|摆摊)(?:的|为生)?(?:<DUR>)?", "我爸是开出租的 => Wei的爸爸 works_as 开出租"),
)

STUDY: Final = (
    P("专业", "(?:是)?从{was_studied:field}(?:专业)?转(?:专业|到|去|成|系)*(?:去)?(?:学|读|念)?了?{studied:field}(?:专业)?", "我从会计转专业学动画了 => Wei studied 动画", "replace"),
    P("在 读 上 念", "(?:就|正)?(?:在|就读于){studies_at:school}(?:[^，]{0,6}?)(?:读|上|念|就读|学)(?:书|学|课|着)?(?P<study_stage>研究生|大学|博士|硕士|本科|研[一二三]?|高中|大[一二三四]|高[一二三]|初[一二三]|[一二三四五六]年级|博)?(?:<DUR>)?(?:的)?", "我在复旦大学读研究生 => Wei studies_at 复旦大学", "deny"),
    P("在", "在{studies_at:school}(?:的)?(?P<studied>[\u4e00-\u9fff]{2,8}?)(?:系|专业|学院)(?:读书|就读|上学|学习)?", "我在浙大计算机系 => Wei studies_at 浙大"),
    P("就读 读 上 念", "(?:就读于?|读的是|上的是|念的是|读|上|念)(?:着)?{studies_at:school}", "我就读于复旦大学 => Wei studies_at 复旦大学"),
    P("考 保送 录取 考上 升", "(?:成功|终于|刚|被|顺利|保送|已经)*(?:考上|考进|考入|考取|保送|录取到?|保研到?|升入|升到|被录取到|上岸)了?{studies_at:school}(?:录取)?(?:的[^，]{1,8})?", "我表弟考上浙大了 => Wei的表弟 studies_at 浙大", "begin"),
    P("录取", "被{studies_at:school}录取", "我被南京大学录取了 => Wei studies_at 南京大学", "begin"),
    P("考 上岸", "(?:成功|终于|刚|已经|顺利)*(?:考上|考取|考中|上岸)了?{passed:vp}", "我考上公务员了 => Wei passed 公务员", "event"),
    P("在 读书 上学 留学 念书", "(?:在|去|到)(?:[了]?){studies_in:known}(?:那边)?(?:读书|上学|留学|念书|读研|读博|上大学|读大学|学习|交换|读本科|读高中)(?:<DUR>)?", "我女儿在巴黎上学 => Wei的女儿 studies_in 巴黎"),
    P("在那边", "在那(?:边|里|儿)(?P<studies>上学|读书|留学|念书)", "我儿子在那边留学 => Wei的儿子 studies 留学", "there"),
    P("是 读 上 念 在 升 了 高 大 初 研 年级 博 小学 幼儿园 中班 小班", "(?:就|才|刚|已经|要|该|是|在|开始|也)*(?:读|上|念|升|是|在读)?(?:了|到)?(?P<study_stage>(?:高|大|初|研|博)[一二三四五]|[小]?[一二三四五六]年级|幼儿园(?:[大中小]班)?|[大中小]班|小学(?:[一二三四五六]年级)?|初中|高中|大学|研究生|博士|硕士|本科|中专|大专|职高|学前班|MBA|国际学校)(?:了|在读|的)*(?:<DUR>)?", "我高三 => Wei study_stage 高三", "pupil free"),
    P("是", "(?:就|还|只)?是(?:<CL>){study_stage:student}", "儿子是高中生 => Wei的儿子 study_stage 高中生"),
    P("专业 学 主修 读 念", "(?:的)?(?:大学|本科|研究生|硕士|博士)?(?:专业(?:<IS>)|(?:学|念|读|主修|攻读)的?是|学的|主修|攻读|辅修){studied:field}(?:专业|系)?(?:的)?", "我学的是社会学 => Wei studied 社会学"),
    P("专业", "(?:是|读|学|念|毕业于)(?:<CL>){studied:field}(?:专业|系)(?:毕业)?(?:的|的学生)?", "我是计算机专业的 => Wei studied 计算机"),
    P("学", "是学{studied:field}(?:专业)?的", "我是学计算机的 => Wei studied 计算机"),
    P("毕业", "(?:是)?(?:毕业于|从){educated_at:school}(?:[^，]{0,8}?)(?:毕业)?(?:的)?(?:<DUR>)?", "我毕业于武汉大学 => Wei educated_at 武汉大学", "event"),
    P("毕业", "(?:是)?{educated_at:school}(?:[^，]{0,8}?)毕业(?:的)?(?:<DUR>)?", "我是武汉大学毕业的 => Wei educated_at 武汉大学", "event"),
    P("毕业", "(?P<graduated>(?:大学|研究生|高中|初中|硕士|博士|本科|大专|小学)?毕业)(?:了|<DUR>)*", "我研究生毕业了 => Wei graduated 研究生毕业", "event"),
    P("休学 辍学 退学 延毕 复读", "(?P<study_event>休学|辍学|退学|延毕|复读|跳级|留级|保研|读博|读研|考研)(?:了|<DUR>|中|在家)*", "我休学了 => Wei study_event 休学"),
)
# fmt: on

"""How Chinese says each relation: a table. A row is tried on a clause that holds one of its calling
strings; what stands before the match is its subject.

Marks: `begin`, `end`, `past` (over, where 以前 stands before), `taste`, `plan`, `able`, `prose`,
`talk`, `alone` the whole clause must match; `work` the subject is a work or thing; `carried` the
subject comes from the clause before.
"""

from typing import Final

from remanence.encoding.extraction.pattern import Pattern

P: Final = Pattern
_END: Final = "(?:了|呢|啊|呀|哦|的|吧|啦|嘛|哈|过)*$"

# fmt: off
LIFE: Final = (
    P("搬 移居 迁居 移民", "(?:从|由){was_lives_in:place}(?:搬|移居|迁居|移民)(?:到|去|至|往|来)?了?{lives_in:place}" + _END, "我从北京搬到杭州了。 => Wei lives_in 杭州", "replace"),
    P("回", "从{was_lives_in:place}(?:回到|搬回)了?{lives_in:place}" + _END, "我去年从上海回到了成都。 => Wei lives_in 成都", "replace talk"),
    P("搬 移居 迁居 移民", "(?:搬家?(?:到|去|至|来)|移居(?:到|至)?|迁居(?:到|至)?|移民(?:到|去|至))了?{lives_in:place}" + _END, "我三月份搬到成都了。 => Wei lives_in 成都", "begin"),
    P("住 居", "(?:住在|居住在|居住于|现居于?|现居住在|定居在?于?|常住|家住|旅居){lives_in:place}" + _END, "我住在深圳。 => Wei lives_in 深圳", "past"),
    P("来", "才来(?:的)?{lives_in:place}的$", "我2019年才来南京的。 => Wei lives_in 南京", "begin talk"),
    P("家在", "家在{lives_in:place}" + _END, "我家在苏州。 => Wei lives_in 苏州", "talk"),
    P("生", "{born_on:date}(?:出生|诞生|(?<![发产学卜先医])生)(?:于|在){born_in:place}" + _END, "周明1975年出生于里斯本。 => 周明 born_in 里斯本"),
    P("生", "{born_on:date}(?:出生|诞生|(?<![发产学卜先医])生)的?$", "周明1975年出生。 => 周明 born_on 1975年"),
    P("生", "(?:出生|诞生|(?<![发产学卜先医])生)(?:于|在){born_on:date}(?:{born_in:place})?$", "周明出生于1975年。 => 周明 born_on 1975年"),
    P("生", "(?:出生|诞生|(?<![发产学卜先医])生)(?:于|在){born_in:place}" + _END, "我出生在西安。 => Wei born_in 西安"),
    P("世 逝 卒", "{died_on:date}(?:在|于){died_in:place}(?:去世|逝世|病逝|辞世|病故)", "周明1991年在台北去世。 => 周明 died_in 台北"),
    P("世 逝 卒", "{died_on:date}(?:因.{1,8})?(?:病逝|逝世|去世|病故|卒)于{died_in:place}$", "周明1991年病逝于台北。 => 周明 died_on 1991年"),
    P("世 逝 卒", "{died_on:date}(?:因.{1,8}|突然)?(?:病逝|逝世|去世|病故|卒)", "周明1991年去世。 => 周明 died_on 1991年"),
    P("世 逝", "(?:在|(?<!用)于){died_in:place}(?:去世|逝世|病逝|辞世)", "周明在台北去世。 => 周明 died_in 台北"),
    P("葬", "(?:安葬|葬|埋葬)(?:于|在){buried_in:site}$", "周明葬于台北。 => 周明 buried_in 台北"),
    P("岁", "{age:years}(?:多)?(?:了|$|啦)", "我今年三十二岁。 => Wei age 三十二岁"),
    P("人", "(?:是|来自|老家是|老家在|祖籍){comes_from:home}(?:人)" + _END, "我是湖南人。 => Wei comes_from 湖南"),
    P("来自 老家", "(?:来自|老家(?:在|是)){comes_from:place}" + _END, "我来自湖南。 => Wei comes_from 湖南"),
    P("人", "^(?:籍贯)?{comes_from:home}人$", "周明，浙江绍兴人。 => 周明 comes_from 浙江绍兴", "prose carried"),
    P("电话 手机 号码 微信", "(?:的)?(?:新)?(?:电话|手机号?|号码|联系方式)(?:号码)?(?:是|为|：|:|改成了?|换成了?|改为){has_phone:phone}", "我电话是13800138000。 => Wei has_phone 13800138000", "whose"),
    P("邮箱 邮件", "(?:的)?(?:新)?(?:电子)?(?:邮箱|邮件)(?:地址)?(?:是|为|：|:|改成了?|换成了?){has_email:email}", "我的邮箱是wei@example.com。 => Wei has_email wei@example.com", "whose"),
    P("地址", "(?:的)?(?:家庭)?(?:地址|住址)(?:是|为|：|改成了?){has_address:np}$", "我的地址是中山路12号。 => Wei has_address 中山路12号", "whose"),
    P("生日", "(?:的)?生日(?:是|在){birthday:day}", "我的生日是三月十二号。 => Wei birthday 三月十二号", "whose"),
    P("名字 名叫 我叫", "(?:的?名字(?:是|叫)|(?<=^我)叫)做?{named:person}$", "我叫陈伟。 => Wei named 陈伟", "name"),
)

WORK: Final = (
    P("离职 辞职 跳槽", "从{was_works_for:org}(?:离职|辞职|跳槽)(?:后|以后|之后)?(?:又)?(?:去|到|加入|跳槽到|入职)了?{works_for:org}" + _END, "我从阿里离职后去了美团。 => Wei works_for 美团", "replace"),
    P("离职 辞职 离开 退休", "(?:从{works_for:org}(?:离职|辞职|退休|离开))", "我从阿里离职了。 => Wei works_for 阿里", "end"),
    P("辞", "辞(?:掉|去)了?在?{works_for:org}的(?:工作|职务)", "我辞掉了在百度的工作。 => Wei works_for 百度", "end"),
    P("工作 上班 任职 供职 就职 打工 干", "(?:在|就职于|任职于|供职于){works_for:org}(?:里|那边|那儿)?(?:工作|上班|任职|供职|就职|打工|实习|干(?=了|过|$))", "我在华为工作。 => Wei works_for 华为", "past"),
    P("任职 供职 就职", "(?:任职|供职|就职)于{works_for:org}" + _END, "他们不提，我就职于华为。 => Wei works_for 华为", "past"),
    P("做 当 担任 任", "在{works_for:org}(?:做|当|担任|任)(?:一?[名个位])?{works_as:job}" + _END, "我在腾讯做产品经理。 => Wei works_as 产品经理", "past"),
    P("跳槽 入职 加盟", "(?:跳槽(?:到|去)了?|入职了?|加盟了?){works_for:org}" + _END, "我跳槽去了平安。 => Wei works_for 平安", "begin talk"),
    P("去了", "去了{works_for:firm}" + _END, "我去年去了远大公司。 => Wei works_for 远大公司", "begin"),
    P("任", "(?:现任|曾任|担任|出任|历任|(?<![留委就担])任){leads:org}(?:的)?(?:第?[一二三四五六七八九十\\d首前现]+[任位届])?(?:{:office})$", "周明现任海州市市长。 => 周明 leads 海州市", "prose"),
    P("任", "(?:现任|曾任|任|担任){works_for:school}(?:的)?(?:客座|兼职|终身|副)?(?:教授|讲师|教师|研究员)$", "周明曾任海州大学教授。 => 周明 works_for 海州大学", "prose"),
    P("职业 职位", "其?的?(?:职业|职位|工作)(?:是|为)(?:一?[名个位])?{works_as:job}" + _END, "我的职业是护士。 => Wei works_as 护士", "past job"),
    P("是 为 职业 从事", "(?:是|为|做|当)(?:一?[名个位])?(?:{:country})?(?:著名|知名|普通)?{works_as:job}" + _END, "我是一名护士。 => Wei works_as 护士", "past job"),
    P("读 上 念", "(?:在|考上了?){studies_at:school}(?:读|上|念)(?:书|学|研究生|大学|博士|硕士|本科|研|高中)?", "我在复旦大学读研究生。 => Wei studies_at 复旦大学", "past"),
    P("就读", "就读于{studies_at:school}", "我就读于复旦大学。 => Wei studies_at 复旦大学", "past"),
    P("毕业", "(?:毕业于|从){educated_at:school}", "周明毕业于北京大学物理系。 => 周明 educated_at 北京大学"),
    P("学位 毕业", "(?:在|于|获){educated_at:school}(?:.{0,8}?)(?:取得|获得|获|拿到|攻读|毕业|博士|硕士|学士)", "周明在牛津大学取得博士学位。 => 周明 educated_at 牛津大学"),
    P("学的 专业 主修 学", "(?:学的是|专业是|主修|攻读|念的是|读的是){studied:np}(?:专业)?$", "我学的是社会学。 => Wei studied 社会学"),
    P("学", "(?<!但)是学{studied:np}的$", "我是学计算机的。 => Wei studied 计算机", "talk"),
)

PEOPLE: Final = (
    P("离婚", "(?:与|和|跟){married_to:person}(?:于.{2,12}|已经|已)?离婚", "周明和李红离婚了。 => 周明 married_to 李红", "end"),
    P("婚", "(?:与|和|跟|同(?!事|学)){married_to:person}(?:(?:于|在).{2,12})?(?:结婚|成婚|结为夫妻|完婚|登记结婚)", "周明与李红结婚。 => 周明 married_to 李红"),
    P("订婚", "(?:与|和|跟){engaged_to:person}订婚", "我和李红订婚了。 => Wei engaged_to 李红"),
    P("嫁给 娶", "(?:嫁给了?|娶了?|迎娶){married_to:person}" + _END, "周红嫁给了李明。 => 周红 married_to 李明"),
    P("妻 夫 太太", "的(?:第[一二三]任)?(?:妻子|丈夫|太太|夫人)(?:是|为|叫){married_to:person}$", "周明的妻子是画家苏婉。 => 周明 married_to 苏婉", "whose"),
    P("在一起 交往 谈恋爱", "(?:和|跟|与){dating:person}(?:在一起|交往|谈恋爱)", "我和李红在一起了。 => Wei dating 李红"),
    P("分手", "(?:和|跟|与){dating:person}(?:已经)?分手", "我和李红分手了。 => Wei dating 李红", "end"),
    P("叫", "^(?:大的|小的|老大|老二|老三|姐姐|弟弟|哥哥|妹妹|一个|另一个)叫{parent_of:person}" + _END, "我有两个孩子，大的叫天天。 => Wei parent_of 天天", "carried"),
    P("子 女", "是{child_of:person}(?:的|之)(?:长|次|三|四|独|幼|庶|养)?(?:子|女|儿子|女儿)$", "李明是李长卿的次子。 => 李明 child_of 李长卿", "prose"),
    P("哥 弟 姐 妹", "是{sibling_of:person}的(?:亲)?(?:哥哥|弟弟|姐姐|妹妹|胞弟|胞兄|胞妹|胞姐)$", "李明是李长卿的弟弟。 => 李明 sibling_of 李长卿", "prose"),
    P("父 母", "是{parent_of:person}的(?:父亲|母亲|生父|生母)$", "李明是李长卿的父亲。 => 李明 parent_of 李长卿", "prose"),
    P("父 母", "(?:的)?(?:父亲|母亲|生母|生父)(?:是|为){child_of:person}$", "李明的父亲是李长卿。 => 李明 child_of 李长卿", "prose whose"),
    P("同学 朋友 好友 闺蜜", "(?<=我)(?:和|跟|与){friend_of:person}是[^，]{0,4}(?:同学|朋友|好友|闺蜜|发小)" + _END, "我和小张是大学同学。 => Wei friend_of 小张", "talk"),
    P("同事", "(?<=我)(?:和|跟|与){colleague_of:person}是[^，]{0,2}同事" + _END, "我和小张是同事。 => Wei colleague_of 小张", "talk"),
    P("会 说 讲", "(?:会说|会讲|会|能说|精通){speaks:languages}", "我会说英语和日语。 => Wei speaks 英语", "able"),
)

TASTE: Final = (
    P("最喜欢 最爱", "最(?:喜欢|爱)的颜色是{favourite_colour:np}" + _END, "我最喜欢的颜色是蓝色。 => Wei favourite_colour 蓝色", "whose"),
    P("最喜欢 最爱", "最(?:喜欢|爱)(?:看)?的(?:电影|电视剧|剧|动漫)是{favourite_film:np}" + _END, "我最喜欢的电影是《霸王别姬》。 => Wei favourite_film 霸王别姬", "whose"),
    P("最喜欢 最爱", "最(?:喜欢|爱)(?:读|看)?的(?:书|小说|作家)是{favourite_book:np}" + _END, "我最喜欢的书是《活着》。 => Wei favourite_book 活着", "whose"),
    P("最喜欢 最爱", "最(?:喜欢|爱)(?:听)?的(?:歌|歌手|乐队|音乐|歌曲)是{favourite_music:np}" + _END, "我最喜欢的歌手是周杰伦。 => Wei favourite_music 周杰伦", "whose"),
    P("最喜欢 最爱", "最(?:喜欢|爱)的(?:运动|体育项目)是{favourite_sport:np}" + _END, "我最喜欢的运动是游泳。 => Wei favourite_sport 游泳", "whose"),
    P("最喜欢 最爱", "最(?:喜欢|爱)(?:去)?的(?:城市|地方|国家)是{favourite_place:np}" + _END, "我最喜欢的城市是成都。 => Wei favourite_place 成都", "whose"),
    P("最喜欢 最爱", "最(?:喜欢|爱)(?:吃)?的(?:菜|食物|美食|水果|零食)是{favourite_food:np}" + _END, "我最喜欢的菜是水煮鱼。 => Wei favourite_food 水煮鱼", "whose"),
    P("最喜欢吃 最爱吃", "最(?:喜欢|爱)吃{favourite_food:np}" + _END, "我最爱吃火锅。 => Wei favourite_food 火锅"),
    P("最喜欢喝 最爱喝", "最(?:喜欢|爱)喝{favourite_drink:np}" + _END, "我最爱喝乌龙茶。 => Wei favourite_drink 乌龙茶"),
    P("爱好 兴趣", "(?:的)?(?:业余)?(?:爱好|兴趣爱好|兴趣)(?:是|有|包括){hobby:nps}" + _END, "我的爱好是画画和听音乐。 => Wei hobby 画画", "whose"),
    P("喜欢 喜爱 热爱 爱上 迷上 爱吃 爱喝 爱看 爱听 爱玩", "(?:喜欢|喜爱|热爱|爱上了?|迷上了?|爱(?=吃|喝|看|听|玩))了?{likes:nps}" + _END, "我喜欢打羽毛球。 => Wei likes 打羽毛球", "taste past talk"),
    P("讨厌 受不了 痛恨", "(?:讨厌|受不了|痛恨|厌恶){dislikes:np}" + _END, "我讨厌香菜。 => Wei dislikes 香菜", "taste"),
    P("改喝 改吃 改用 改穿 改骑", "改(?={likes_:np}$)(?:喝|吃|用|穿|骑).+$", "", "nothing"),
    P("过敏", "对{allergic_to:nps}(?:严重|有点|特别)?过敏", "我对芒果过敏。 => Wei allergic_to 芒果"),
    P("吃素 素食 纯素", "(?P<diet>吃素|素食主义者|素食|纯素)", "我吃素。 => Wei diet 吃素", "past"),
    P("患 诊断 得了 有", "(?:患有|患|得了|查出(?:了)?|被?诊断(?:出|为)(?:患有|有)?|有){has_condition:condition}", "我有哮喘。 => Wei has_condition 哮喘", "past"),
    P("弹 拉 吹 打鼓 学", "(?:弹奏?|拉|吹){plays:instruments}", "我会弹吉他。 => Wei plays 吉他", "able past"),
    P("会打 会踢 会下", "(?:打|踢|下){plays:sports}", "我会打网球。 => Wei plays 网球", "able"),
)

DOING: Final = (
    P("养", "养(?:了|着|过)?(?:[一两三四五几\\d]+)?[只条个头匹]?{has_pet:animal}" + _END, "我养了一只猫，叫团子。 => Wei has_pet 猫", "past pet"),
    P("没有", "(?={:thing}$)(?P<owns>车|房子?|汽车|电脑|手机|驾照)" + _END, "我没有车。 => Wei owns 车", "talk"),
    P("有 买 拥有", "(?:有|买了?|拥有|入手了?)(?:了)?[一两三四五几\\d]+(?:辆|台|套|栋|部|架|艘|间|把){owns:np}" + _END, "我有一辆摩托车。 => Wei owns 摩托车", "past talk"),
    P("用的是", "用的是{uses:np}$", "我用的是华为手机。 => Wei uses 华为手机", "talk"),
    P("卖", "把(?:我的|自己的)?{owns:np}卖(?:掉|出去)?了", "我把车卖了。 => Wei owns 车", "end talk"),
    P("买", "买了(?:辆|台|套|栋|部|架|艘|间|把)(?:新)?{owns:np}" + _END, "我买了台新电脑。 => Wei owns 电脑", "begin talk"),
    P("换成 改成 改用 换了", "(?:把)?(?:手机|电脑|系统|车|浏览器|输入法)?(?:从{was_uses:np})?(?:换成|改成|改用)了?{uses:np}" + _END, "我把手机换成苹果了。 => Wei uses 苹果", "replace talk"),
    P("打算 计划 准备 决定", "(?:打算|计划(?=去|在|今|明|学|买|考|搬|和|跟)|准备(?=去|买|考|搬|学|换|结|和|跟|明)|决定)(?!了){plans_to:vp}" + _END, "我打算明年去敦煌。 => Wei plans_to 去敦煌", "plan talk"),
    P("要去 会去", "(?:将)?(?:要|会)(?=去){plans_to:vp}" + _END, "我下个月要去广州出差。 => Wei plans_to 去广州出差", "plan ahead talk"),
    P("想", "(?:想要?|梦想)(?=当|学|考|买|成为|做|开){wants_to:vp}" + _END, "我弟弟想当飞行员。 => Wei的弟弟 wants_to 当飞行员", "plan talk"),
    P("去过 到过", "(?:去|到)过{has_visited:places}" + _END, "我去过云南、贵州。 => Wei has_visited 云南"),
    P("去了", "去了(?:一?趟|一次){has_visited:places}" + _END, "我去了趟大理。 => Wei has_visited 大理"),
    P("去 到", "(?:去(?!年|世)|到)了?{has_visited:places}(?:玩|旅游|旅行|度假|出差)(?:了|过|回来)", "我去大理旅游了。 => Wei has_visited 大理"),
    P("游览 参观", "(?:游览|参观)了{has_visited:places}" + _END, "我参观了故宫。 => Wei has_visited 故宫"),
    P("参加", "(?:参加|出席)了{attended:event}" + _END, "我参加了表哥的婚礼。 => Wei attended 表哥的婚礼"),
    P("听了 看了", "(?:去)?(?:听|看)了(?:一?场)?{attended:event}" + _END, "我去听了一场陈奕迅的演唱会。 => Wei attended 陈奕迅的演唱会"),
    P("加入", "加入了?{member_of:group}" + _END, "我加入了公司的篮球队。 => Wei member_of 公司的篮球队", "begin"),
    P("成员 会员 队员", "是{member_of:np}的(?:一名)?(?:成员|会员|队员|主唱|鼓手|队长)", "我是合唱团的成员。 => Wei member_of 合唱团"),
    P("效力", "(?:效力|效力过)于{member_of:org}$", "周明现效力于横滨水手。 => 周明 member_of 横滨水手"),
    P("组成", "由{of_member_of:persons}组成", "星光组合由金秀雅和李多恩组成。 => 金秀雅 member_of 星光组合", "prose"),
)

WORKS: Final = (
    P("导", "由{directed_by:persons}(?:自编自导|执导|导演|指导)", "《雨夜》由郑国明执导。 => 雨夜 directed_by 郑国明", "work"),
    P("导", "是{directed_by:persons}(?:执导|导演)的", "《春潮》是李小红执导的爱情片。 => 春潮 directed_by 李小红", "work"),
    P("著 创作 发表 写", "是{written_by:persons}(?:于{released_on:date})?(?:所著|创作|发表|所写|撰写)的", "《孤岛》是英国作家约翰·格林于1958年发表的长篇小说。 => 孤岛 written_by 约翰·格林", "work"),
    P("导", "(?:执导|导演)了?(?:的?电影|影片)?{of_directed_by:title}", "郑国明执导了《雨夜》。 => 雨夜 directed_by 郑国明"),
    P("导演", "^导演(?:是|为|：){directed_by:persons}$", "《雨夜》上映，导演为郑国明。 => 雨夜 directed_by 郑国明", "work carried"),
    P("主演 出演", "(?:由|^|、|，){stars:persons}(?:等)?(?:联合)?(?:领衔)?(?:主演|出演)", "《雨夜》由梁家辉主演。 => 雨夜 stars 梁家辉", "work"),
    P("主演 出演 参演", "(?:主演|出演|参演)了?(?:电影|电视剧|影片)?{of_stars:title}", "梁家辉主演了《雨夜》。 => 雨夜 stars 梁家辉"),
    P("编剧 创作 撰写 所著 编写 所写 著", "(?<!音乐)由{written_by:persons}(?:编剧|创作|撰写|所著|编写|所写|写作)", "《归途》由作家顾城南创作。 => 归途 written_by 顾城南", "work"),
    P("作者", "(?:的)?作者(?:是|为){written_by:persons}$", "《归途》的作者是作家方晓棠。 => 归途 written_by 方晓棠", "work"),
    P("创作 写 著", "(?:创作|写|撰写|著)(?:了|有)(?:长篇小说|小说|绘本|诗集|散文集|剧本|歌曲)?{of_written_by:title}", "森田由美创作了绘本《小狐狸的信》。 => 小狐狸的信 written_by 森田由美"),
    P("作曲 音乐由 配乐", "(?:音乐)?由{composed_by:persons}(?:作曲|谱曲|配乐|负责配乐)", "《晨光》由林夕平作曲。 => 晨光 composed_by 林夕平", "work"),
    P("音乐由", "的?音乐由{composed_by:persons}(?:创作|制作|负责)", "《云上镇》的音乐由久石真一创作。 => 云上镇 composed_by 久石真一", "work"),
    P("演唱", "(?:由|是){performed_by:person}(?:所?演唱|主唱)", "《晨光》是歌手许薇演唱的歌曲。 => 晨光 performed_by 许薇", "work"),
    P("专辑 单曲 歌曲", "是{performed_by:singer}(?:的|推出的|发行的)(?:第.{1,3}[张首])?[^，]{0,6}(?:专辑|单曲|歌曲)$", "《蓝色海湾》是香港歌手陈嘉欣的第三张录音室专辑。 => 蓝色海湾 performed_by 陈嘉欣", "work"),
    P("收录", "收录(?:在|于)(?:其)?(?:[^《]{0,8})?{part_of:title}", "《晨光》收录在专辑《四月》中。 => 晨光 part_of 四月", "work"),
    P("制作 出品", "由{produced_by:orgs}(?:联合)?(?:制作|出品|监制|摄制)", "《云上镇》由白鸟工作室制作。 => 云上镇 produced_by 白鸟工作室", "work"),
    P("制作公司 制片人 出品方", "(?:的)?(?:制作公司|制片人|出品方|出品公司|监制)(?:是|为){produced_by:org}$", "《云上镇》上映，制作公司为白鸟工作室。 => 云上镇 produced_by 白鸟工作室", "work"),
    P("发行 出版", "{released_on:date}由{published_by:org}(?:出版(?!社)|发行|推出)", "《归途》2005年由人民文学出版社出版。 => 归途 published_by 人民文学出版社", "work"),
    P("发行 出版", "由{published_by:org}(?:于{released_on:date})?(?:出版(?!社)|发行|推出)", "《蓝色海湾》由华星唱片发行。 => 蓝色海湾 published_by 华星唱片", "work"),
    P("发行", "^{published_by:org}(?:负责)?发行$", "《拓荒》由蓝鲸工作室开发，腾飞网络发行。 => 拓荒 published_by 腾飞网络", "work carried"),
    P("上映 首映 首播 发行 出版 播出 问世 推出 发表 公映", "(?:于|在)?{released_on:date}(?:起)?(?:在.{1,8}?)?(?:正式|首次|首度|全球)?(?:上映|首映|首播|发行|出版|播出|问世|推出|发表|公映)(?!了|过|《|的)", "《雨夜》于1993年上映。 => 雨夜 released_on 1993年", "work"),
    P("改编", "改编自(?:[^《]{0,14})?{based_on:title}", "电影《末班车》改编自赵树声的小说《站台》。 => 末班车 based_on 站台", "work"),
    P("开发 设计 建设 发明 研发 建造 研制 兴建", "由{created_by:orgs}(?:负责)?(?:开发|设计|建设|发明|研发|建造|研制|兴建)", "《拓荒》由蓝鲸工作室开发。 => 拓荒 created_by 蓝鲸工作室", "work"),
    P("获 赢得 夺得", "(?:荣获|获得|获颁|获|赢得|夺得)(?:了)?(?:第.{1,4}届)?{award_won:award}", "周明于1979年获得诺贝尔物理学奖。 => 周明 award_won 诺贝尔物理学奖"),
)

PLACES: Final = (
    P("总部", "(?:的)?总部(?:设在|位于|设于|在|坐落于){headquartered_in:place}$", "海川集团总部设在青岛。 => 海川集团 headquartered_in 青岛", "work"),
    P("位于 坐落 地处", "(?:位于|坐落(?:于|在)|地处){located_in:place}" + _END, "青石县位于湖南省西部。 => 青石县 located_in 湖南省西部", "work"),
    P("首都 首府 省会 州府", "是{capital_of:np}的(?:首都|首府|省会|州府)", "伦卡是索尼亚共和国的首都。 => 伦卡 capital_of 索尼亚共和国", "work"),
    P("首都 首府 省会", "(?:的)?(?:首都|首府|省会)(?:是|为){of_capital_of:np}$", "索尼亚共和国的首都是伦卡。 => 伦卡 capital_of 索尼亚共和国", "work whose"),
    P("人口", "(?:总|常住|户籍)?人口(?:约为|约有|为|达到?|有|总数为)?{population:qty}", "青石县人口约42万。 => 青石县 population 约42万", "work"),
    P("面积", "(?:总|占地|土地|总建筑|建筑)?面积(?:约为|为|达|共)?{area:measure}", "青石县面积为1,873平方公里。 => 青石县 area 1,873平方公里", "work"),
    P("接壤 毗邻 相邻 交界 为邻", "(?:[东西南北]+(?:面|部|边|侧)?)?(?:与|同|和){borders:places}(?:相?接壤|毗邻|相邻|交界|为邻)", "德罗县与马里县接壤。 => 德罗县 borders 马里县", "work"),
    P("隶属 属于 下辖", "(?:隶属于|隶属|行政上属于){part_of:np}$", "北岭镇隶属于云州市。 => 北岭镇 part_of 云州市", "work"),
    P("下辖 辖 下属", "是{part_of:np}(?:下辖|所辖|辖下|管辖|下属)的", "南溪市是江东省下辖的一个地级市。 => 南溪市 part_of 江东省", "work"),
    P("支流 一部分 组成部分", "是{part_of:np}的(?:一条|主要|最大)?(?:支流|一部分|组成部分)", "杜兰特河是莱茵河的支流。 => 杜兰特河 part_of 莱茵河", "work"),
    P("创办 创立 创建", "由{founded_by:persons}(?:于{founded_on:date})?(?:在.{2,8}?)?(?:创办|创立|创建|建立)", "海川集团由王海川于1988年创立。 => 海川集团 founded_by 王海川", "work"),
    P("成立 创立 创办 创建 建校 始建 建立", "(?:成立|创立|创办|创建|始建|建校|建立)于{founded_on:date}", "海川集团成立于1988年。 => 海川集团 founded_on 1988年", "work"),
    P("成立 创立 创办 创建 建立", "{founded_on:date}(?:正式)?(?:成立|创立)$", "海川集团1988年成立。 => 海川集团 founded_on 1988年", "work"),
    P("创办 创立 创建 成立", "(?:创办|创立|创建|成立)了{of_founded_by:np}$", "何思远创办了《新文艺》杂志。 => 新文艺 founded_by 何思远", ""),
    P("创始人 创办人", "(?:的)?(?:创始人|创办人|创建者)(?:是|为){founded_by:persons}$", "海川集团的创始人为王海川。 => 海川集团 founded_by 王海川", "work"),
    P("收购", "被{owned_by:org}(?:全资)?收购", "泰丰银行被彭氏集团收购。 => 泰丰银行 owned_by 彭氏集团", "work begin"),
    P("收购", "收购了{of_owned_by:org}$", "彭氏集团收购了泰丰银行。 => 泰丰银行 owned_by 彭氏集团", "begin"),
    P("所有", "(?:归|为|属){owned_by:org}所有$", "清江水电站归湖北能源公司所有。 => 清江水电站 owned_by 湖北能源公司", "work"),
    P("所有权", "(?:的)?所有权归{owned_by:org}$", "清江水电站的所有权归湖北能源公司。 => 清江水电站 owned_by 湖北能源公司", "work"),
    P("子公司 旗下", "(?:是|为){subsidiary_of:org}(?:旗下|下属)?的(?:全资|控股)?子公司", "飞云科技是远大集团旗下的全资子公司。 => 飞云科技 subsidiary_of 远大集团", "work"),
    P("命名", "(?:以|用){named_after:person}(?:的名字|之名)?(?:来)?命名", "小行星7321以马克·温特的名字命名。 => 小行星7321 named_after 马克·温特", "work"),
    P("得名于", "得名于{named_after:person}$", "哥伦比亚得名于航海家哥伦布。 => 哥伦比亚 named_after 哥伦布", "work"),
    P("继任", "(?:的)?继任者(?:是|为){succeeded_by:person}$", "威廉二世的继任者是亨利三世。 => 威廉二世 succeeded_by 亨利三世", "prose"),
    P("接替", "接替{preceded_by:person}(?:出任|担任|成为|$)", "米勒接替哈里森出任市长。 => 米勒 preceded_by 哈里森", "prose"),
    P("前身", "(?:的)?前身(?:是|为)(?:{:date})?(?:创办|成立|创立)?的?{preceded_by:np}$", "明德中学的前身为明德学堂。 => 明德中学 preceded_by 明德学堂", "prose"),
    P("是 为", "(?:是|为)(?:.*(?:的|之)|(?:[^，]{0,10})?一[个部座种条家所首本款项支款])(?!.{0,6}(?:子公司|首都|及|和))(?:{:adjective})?{instance_of:class}$", "南湖公园是一座免费的城市公园。 => 南湖公园 instance_of 城市公园", "prose work over", 0.85),
    P("的", "^.+(?:主演|执导|演唱|开发|制作|创作|发行|出版)的{instance_of:class}$", "《雨夜》是由郑国明执导，梁家辉主演的犯罪片。 => 雨夜 instance_of 犯罪片", "prose work carried over", 0.85),
)

RULES: Final = (*LIFE, *WORK, *PEOPLE, *TASTE, *DOING, *WORKS, *PLACES)
# fmt: on

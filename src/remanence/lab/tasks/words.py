"""The words that the grammars of the generation suites and the graph's world are filled with.

Lists, nothing else.
"""

from typing import Final


def _list(words: str) -> tuple[str, ...]:
    return tuple(words.split())


NAMES: Final = _list(
    "anna ben carla dan ella finn greta hugo ida jack kim leo mia noah olga paul rosa sam tina uma "
    "vera will yan zoe"
)
JOBS: Final = _list(
    "baker nurse pilot farmer lawyer singer dentist plumber tailor judge painter sailor waiter "
    "cook miner poet"
)
CITIES: Final = _list(
    "lima oslo cairo paris quito delhi seoul tokyo rome dakar riga minsk sofia turin lagos havana "
    "perth osaka"
)
PETS: Final = _list("cat dog parrot rabbit snake turtle hamster pony goat goldfish ferret canary")
FOODS: Final = _list(
    "rice bread soup cheese fish noodles beans honey salad pancakes olives apples dumplings plums"
)
TEAMS: Final = _list(
    "eagles tigers sharks wolves lions bears hawks bulls cobras ravens foxes giants rockets comets "
    "pirates kings"
)
GUESTS: Final = _list(
    "reds blues whites greens blacks golds silvers oranges stars suns moons clouds storms waves "
    "flames winds"
)
NUMBERS: Final = _list("one two three four five six seven eight")
THINGS: Final = _list(
    "key map lamp book coin ring letter camera ladder hammer ticket clock rope mirror candle bottle"
)
PLACES: Final = _list(
    "drawer kitchen garage attic cellar garden office closet basket cupboard hall shed trunk pantry"
)
COLOURS: Final = _list("red blue green white black grey golden brown pink purple silver orange")
ANIMALS: Final = _list(
    "fox owl bear wolf hare mouse deer frog otter crow badger heron beaver lynx mole swan"
)
HOMES: Final = _list(
    "forest river cave hill meadow swamp valley island lake cliff desert harbour marsh canyon"
)
PURPOSES: Final = _list(
    "area volume speed total average distance price weight angle ratio profit density"
)
FUNCTIONS: Final = _list(
    "calc_a calc_b fast_sum run_it make_one get_val do_work eval_x solve_q step_up find_z mix_in "
    "take_n load_k push_w pull_r"
)
ARGUMENTS: Final = _list("x y z width height depth rate time mass size count left right base")
OTHERS: Final = _list("a b c scale shift limit start stop step total_n first last low high")
TERMS: Final = _list("blick dax wug fep toma zup gorp lorch plim snark quib vorn mib trell yag kiv")
PARTS_ZH: Final = _list(
    "齿轮 阀门 轴承 螺丝 弹簧 活塞 电机 水泵 管道 开关 电池 天线 镜头 芯片 风扇 滤网"
)
VERBS_ZH: Final = {
    "moves": "移动", "holds": "固定", "heats": "加热", "stops": "停止", "turns": "转动", "opens": "打开",
}  # fmt: skip
THINGS_ZH: Final = _list(
    "钥匙 地图 台灯 书本 硬币 戒指 信件 相机 梯子 锤子 车票 闹钟 绳子 镜子 蜡烛 瓶子"
)
PLACES_ZH: Final = _list("抽屉 厨房 车库 阁楼 地窖 花园 书房 衣柜 篮子 橱柜 走廊 木屋 箱子 客厅")
NAMES_ZH: Final = _list(
    "小红 小明 王伟 李娜 张强 刘洋 陈静 杨光 赵敏 周杰 吴芳 徐丽 孙涛 马超 朱琳 胡军"
)
CHAT: Final = (
    "nice weather today .", "did you see the news ?", "the bus was late again .", "thanks for asking .", "what a long day .",
)  # fmt: skip
CROWD: Final = (
    "the crowd sang all night .", "it rained before the break .", "the grass was wet .", "nobody left early .",
)  # fmt: skip
OFFICE: Final = (
    "the meeting starts soon .", "please close the window .", "coffee is ready .", "the printer is broken again .",
)  # fmt: skip
OFFICE_ZH: Final = ("会议马上开始。", "请把窗户关上。", "咖啡好了。", "打印机又坏了。")
CODE: Final = ("import os .", "# todo later", "print ( 1 )", "pass")
WEATHER: Final = (
    "the moon was bright .", "snow fell all night .", "the wind was cold .", "leaves covered the path .",
)  # fmt: skip

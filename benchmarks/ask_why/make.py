"""Write `memories.jsonl` and `questions.jsonl`: forty stated causes, twenty that are not.

    python benchmarks/ask_why/make.py

Every text is of our own hand. A question's gold are the ids of the memories that state its causes,
nearest first; none where no cause was stated, although the happening itself was.
"""

import json
from pathlib import Path

HERE = Path(__file__).parent
# text -> remembered; ids are the places in the list
MEMORIES = """
I missed the ferry because the taxi got lost near the harbour.
The taxi got lost near the harbour because its navigation was switched off.
Grandma's cake sank in the middle, since I opened the oven too early.
The printer jammed again, so we sent the contract by courier.
Due to heavy snow, the school closed on Tuesday.
The school closed on Tuesday, so the twins stayed with my neighbour.
Ana left her job at the bakery because of the night shifts.
Tom left his job at the bakery last spring.
Our basement flooded in May. The flood was caused by a cracked pipe under the sink.
The cracked pipe was a result nobody expected. We repainted the walls in June.
A power cut led to a long queue at the clinic.
The long queue at the clinic made me miss my appointment.
I couldn't renew my passport on time. That's why we postponed the trip to Oslo.
My passport could not be renewed because the office had lost my photo.
The reason I sold the motorbike was that the insurance had doubled.
I have been playing the cello since 2015.
I bought a blue kettle on Saturday.
Lena was furious because Marco forgot their anniversary.
Marco forgot their anniversary because he was working double shifts.
Marco was working double shifts because two colleagues were on sick leave.
The tomatoes died, as a result of a late frost.
We adopted a second cat because the first one seemed lonely.
The dishwasher leaks, which is why there are towels on the floor.
Paul resigned from the choir. He moved to Bristol a month later.
The concert in the park was cancelled on Friday.
I twisted my ankle on the stairs because the lamp was broken.
The lamp was broken because of a short circuit.
Since the supplier went bankrupt, our kitchen renovation stopped.
Our kitchen renovation stopped, and so we are eating at my parents' place.
My laptop crashed twice this week.
Thanks to a scholarship, Noor could study in Leiden.
The meeting was moved to Monday because the projector failed.
I did not go to Eva's wedding because I had the flu.
I went to Eva's engagement party in April.
The bridge was closed, therefore the bus took an hour longer.
The bridge was closed because of a landslide. The landslide was triggered by three days of rain.
Ben's bicycle was stolen outside the library.
We changed the locks because Ben's keys were in the stolen bag.
The bakery raised its prices. Flour had become expensive, so they had no choice.
I never finished the marathon because of a cramp in my left leg.
My sister stopped eating gluten because her doctor advised it.
The wifi was down all morning, so I worked from the café.
The wifi was down all morning because a rat had bitten through the cable.
Clara dyed her hair green last week.
Our flight was diverted to Porto owing to fog in Lisbon.
因为闹钟没电了，所以我早上迟到了。
闹钟没电了，是因为昨晚停电。
由于暴雨，周日的足球赛取消了。
小李辞职了，因为公司要搬到郊区。
公司要搬到郊区，因为市区的房租涨了一倍。
大雪导致高速公路封闭。
高速公路封闭，所以我们改坐火车回老家。
妈妈不吃海鲜是因为她过敏。
之所以卖掉那辆车，是因为油费太贵。
路上追尾了，导致我错过了面试。
电脑中毒了，结果照片全丢了。
电脑中毒是因为我点了一封奇怪的邮件。
我没去参加同学聚会，因为孩子发烧了。
小王换了新手机，因为旧手机掉进了水里。
小陈换了新房子。
阳台的花枯了，因为出差两周没人浇水。
我出差两周，是因为上海的项目出了问题。
餐厅换了厨师，所以味道变淡了。
昨天的演唱会延期了。
我戒咖啡的原因是晚上睡不着。
奶奶搬来和我们住，因为她的腿摔伤了。
奶奶的腿摔伤了，因为楼道的灯坏了。
邻居家的狗叫了一整夜，所以我没睡好。
我们取消了去三亚的机票。
爸爸学会了用微信。
小赵最近总是加班。
快递丢了，于是我申请了退款。
由于系统升级，医院暂停挂号。
弟弟考试不及格，因为他把时间都花在游戏上了。
""".strip().splitlines()
# question | ids of the memories that state its causes, nearest first; empty: not stated
QUESTIONS = """
Why did I miss the ferry? | 0 1
Why did the taxi get lost? | 1
Why did Grandma's cake sink? | 2
Why did we send the contract by courier? | 3
Why was the school closed on Tuesday? | 4
Why did the twins stay with my neighbour? | 5 4
Why did Ana leave her job? | 6
What caused the flood in our basement? | 8
What led to the long queue at the clinic? | 10
Why did I miss my appointment? | 11 10
Why did we postpone the trip to Oslo? | 12
Why did I sell the motorbike? | 14
Why was Lena furious? | 17 18 19
Why did Marco forget the anniversary? | 18 19
Why did the tomatoes die? | 20
Why did we adopt a second cat? | 21
Why are there towels on the floor? | 22
How come I twisted my ankle? | 25 26
Why did our kitchen renovation stop? | 27
Why are we eating at my parents' place? | 28 27
Why could Noor study in Leiden? | 30
Why was the meeting moved to Monday? | 31
Why didn't I go to Eva's wedding? | 32
Why did the bus take an hour longer? | 34 35
Why did we change the locks? | 37
Why did I never finish the marathon? | 39
Why did my sister stop eating gluten? | 40
Why did I work from the café? | 41 42
Why was our flight diverted to Porto? | 44
我早上为什么迟到了？ | 45 46
周日的足球赛为什么取消了？ | 47
小李为什么辞职？ | 48 49
我们为什么改坐火车回老家？ | 51 50
妈妈为什么不吃海鲜？ | 52
我为什么错过了面试？ | 54
照片为什么全丢了？ | 55 56
我为什么没去参加同学聚会？ | 57
阳台的花为什么枯了？ | 60 61
奶奶为什么搬来和我们住？ | 65 66
我为什么没睡好？ | 67
Why did Tom leave his job at the bakery? |
Why did we repaint the walls? |
Why have I been playing the cello? |
Why did I buy a blue kettle? |
Why did Paul resign from the choir? |
Why was the concert in the park cancelled? |
Why did my laptop crash? |
Why did I go to Eva's engagement party? |
Why was Ben's bicycle stolen? |
Why did Clara dye her hair green? |
Why did I miss the train? |
Why did Marco leave Lena? |
小陈为什么换了新房子？ |
昨天的演唱会为什么延期了？ |
我们为什么取消了去三亚的机票？ |
爸爸为什么学会了用微信？ |
小赵为什么总是加班？ |
小王为什么辞职？ |
妈妈为什么戒咖啡？ |
我为什么错过了飞机？ |
""".strip().splitlines()


def main() -> None:
    """Write both files beside this one."""
    memories = [
        {"id": f"w{place}", "at": f"2025-{1 + place % 12:02}-{1 + place % 27:02}", "text": text}
        for place, text in enumerate(MEMORIES)
    ]
    questions = []
    for line in QUESTIONS:
        question, _, gold = line.partition("|")
        questions.append(
            {"question": question.strip(), "type": "why" if gold.strip() else "why not said",
             "answer": [f"w{place}" for place in gold.split()]}
        )  # fmt: skip
    for name, rows in (("memories", memories), ("questions", questions)):
        lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
        (HERE / f"{name}.jsonl").write_text(lines, encoding="utf-8")


if __name__ == "__main__":
    main()

"""Names that one place or organisation has in Chinese and in English.

Written for this project; a row is Chinese names, "=", the English name. Cities follow the province
that they lie in, which the gazetteer knows by its English name.
"""

from typing import Final

_PLACES: Final = """
北京=beijing;上海=shanghai;天津=tianjin;重庆=chongqing;香港=hong kong;澳门=macau;台北=taipei;高雄=kaohsiung;台中=taichung
广东=guangdong;广州=guangzhou;深圳=shenzhen;珠海=zhuhai;东莞=dongguan;佛山=foshan;惠州=huizhou;中山=zhongshan;汕头=shantou
四川=sichuan;成都=chengdu;绵阳=mianyang;浙江=zhejiang;杭州=hangzhou;宁波=ningbo;温州=wenzhou;绍兴=shaoxing;嘉兴=jiaxing
江苏=jiangsu;南京=nanjing;苏州=suzhou;无锡=wuxi;常州=changzhou;徐州=xuzhou;南通=nantong;扬州=yangzhou;镇江=zhenjiang
湖南=hunan;长沙=changsha;湖北=hubei;武汉=wuhan;宜昌=yichang;河北=hebei;石家庄=shijiazhuang;保定=baoding;唐山=tangshan
河南=henan;郑州=zhengzhou;洛阳=luoyang;开封=kaifeng;山东=shandong;济南=jinan;青岛=qingdao;烟台=yantai;潍坊=weifang;威海=weihai
山西=shanxi;太原=taiyuan;大同=datong;陕西=shaanxi;西安=xi’an;咸阳=xianyang;福建=fujian;福州=fuzhou;厦门=xiamen;泉州=quanzhou
江西=jiangxi;南昌=nanchang;九江=jiujiang;安徽=anhui;合肥=hefei;芜湖=wuhu;云南=yunnan;昆明=kunming;大理=dali;丽江=lijiang
贵州=guizhou;贵阳=guiyang;遵义=zunyi;广西=guangxi;南宁=nanning;桂林=guilin;柳州=liuzhou;海南=hainan;海口=haikou;三亚=sanya
甘肃=gansu;兰州=lanzhou;黑龙江=heilongjiang;哈尔滨=harbin;大庆=daqing;吉林=jilin;长春=changchun
辽宁=liaoning;沈阳=shenyang;大连=dalian;新疆=xinjiang;乌鲁木齐=ürümqi;青海=qinghai;西宁=xining;西藏=tibet;拉萨=lhasa
内蒙古=inner mongolia;呼和浩特=hohhot;宁夏=ningxia;银川=yinchuan
中国=china;美国=united states;英国=united kingdom;法国=france;德国=germany;日本=japan;韩国=south korea;加拿大=canada
澳大利亚=australia;澳洲=australia;新西兰=new zealand;意大利=italy;西班牙=spain;葡萄牙=portugal;荷兰=the netherlands
瑞士=switzerland;瑞典=sweden;挪威=norway;丹麦=denmark;芬兰=finland;俄罗斯=russia;印度=india;泰国=thailand;越南=vietnam
新加坡=singapore;马来西亚=malaysia;印尼=indonesia;菲律宾=the philippines;巴西=brazil;阿根廷=argentina;墨西哥=mexico;埃及=egypt
纽约=new york city;洛杉矶=los angeles;旧金山=san francisco;芝加哥=chicago;波士顿=boston;西雅图=seattle;华盛顿=washington
伦敦=london;巴黎=paris;柏林=berlin;慕尼黑=munich;法兰克福=frankfurt am main;马德里=madrid;巴塞罗那=barcelona;罗马=rome
米兰=milan;里斯本=lisbon;阿姆斯特丹=amsterdam;维也纳=vienna;布拉格=prague;莫斯科=moscow;东京=tokyo;大阪=osaka;京都=kyoto
首尔=seoul;釜山=busan;曼谷=bangkok;悉尼=sydney;墨尔本=melbourne;多伦多=toronto;温哥华=vancouver;蒙特利尔=montréal
"""
_ORGANISATIONS: Final = """
华为=huawei;阿里巴巴=alibaba;阿里=alibaba;腾讯=tencent;百度=baidu;字节跳动=bytedance;字节=bytedance;小米=xiaomi;京东=jd
美团=meituan;网易=netease;联想=lenovo;滴滴=didi;拼多多=pinduoduo;快手=kuaishou;比亚迪=byd;海尔=haier;美的=midea
苹果=apple;谷歌=google;微软=microsoft;亚马逊=amazon;特斯拉=tesla;脸书=facebook;英特尔=intel;英伟达=nvidia
甲骨文=oracle;思科=cisco;高通=qualcomm;西门子=siemens;博世=bosch;宝马=bmw;奔驰=mercedes-benz;大众=volkswagen
奥迪=audi;丰田=toyota;本田=honda;索尼=sony;松下=panasonic;三星=samsung;任天堂=nintendo;飞利浦=philips;雀巢=nestle
宝洁=procter & gamble;联合利华=unilever;辉瑞=pfizer;罗氏=roche;诺华=novartis;拜耳=bayer;巴斯夫=basf;壳牌=shell
麦肯锡=mckinsey;高盛=goldman sachs;摩根大通=jpmorgan;汇丰=hsbc;花旗=citi;德勤=deloitte;普华永道=pwc;安永=ernst & young
毕马威=kpmg;星巴克=starbucks;麦当劳=mcdonalds;肯德基=kfc;可口可乐=coca-cola;耐克=nike;阿迪达斯=adidas;宜家=ikea;沃尔玛=walmart
"""


def _read(rows: str) -> dict[str, str]:
    pairs = (pair for line in rows.strip().splitlines() for pair in line.split(";"))
    return dict(pair.split("=") for pair in pairs)


PLACES: Final = _read(_PLACES)
_NAMED: Final = _read(_ORGANISATIONS)


def same_organisation(one: str, other: str) -> bool:
    """Return whether two names are of one organisation, in one language or in two.

    >>> same_organisation("华为", "Huawei"), same_organisation("华为", "Apple")
    (True, False)
    """
    first, second = one.casefold(), other.casefold()
    return _NAMED.get(first, first) == _NAMED.get(second, second)

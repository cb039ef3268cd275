### 零售点合理布局

menu-layout = 合理布局
layout-title = 这里能开店吗
layout-lead = 在地图上取点、填写经纬度，或者从台账中选择一户，逐条对照合理布局规则。
layout-errors = 请先改正以下内容
layout-ask = 位置与条件
layout-about = 正在查询：{ $what }。
layout-about-clear = 改查其他位置
layout-answer = 逐条对照
layout-clear = 清除
layout-search = 查找
layout-register = 从台账中选择
layout-nothing-found = 台账中没有符合条件且有坐标的零售户。
layout-more = 网格、办理事项与照顾对象
layout-not-known = 尚不清楚
layout-no-group = 不属于照顾对象
layout-map = 辖区地图
layout-map-hint = 点击地图取点；也可以用方向键移动、用加减键缩放，再按“取地图中心点”。小圆点是零售户，大圆点和围线是规则涉及的场所，圆环是所查位置。没有脚本时请直接填写经纬度。
layout-field-longitude = 经度
layout-field-latitude = 纬度
layout-hint-longitude = WGS 84 坐标，以度为单位，例如 120.911380
layout-hint-latitude = 例如 30.850210
layout-field-division = 所在村（社区）
layout-field-area = 区域类型
layout-field-goods = 经营品类
layout-field-grid = 监管网格
layout-hint-grid = 按台账的写法，例如 330421103-2
layout-field-purpose = 办理事项
layout-field-group = 照顾对象
layout-field-other-licence = 申请人在本市另有零售许可证
layout-field-words = 许可证号、字号或者地址
layout-hint-words = 只列出有坐标、您有权查看的零售户。
layout-purpose-new = 新办
layout-purpose-renewal = 期满延续
layout-purpose-move = 因“{ $rule }”迁址
layout-condition = 该位置是否{ $condition }
layout-refusal-degrees = 请以度为单位填写坐标，例如 120.911380。
layout-refusal-outside = 该位置不在本局辖区内；请先填经度，再填纬度。

# The answer
layout-result = 对照结果
layout-place = 位置
layout-missing = 尚缺：
layout-figures = 依据的数据：
layout-open-outlet = 查看
layout-no-rule = 没有适用于该位置和品类的规则。
layout-version = 规则版本 { $version }
layout-verdict-allowed = 可以设置
layout-verdict-forbidden = 不得设置
layout-verdict-undetermined = 不能确定
layout-verdict-not-concerned = 不适用
layout-verdict-example = 按示例：{ $verdict }
layout-answer-allowed = 现行规则均不禁止在此设置零售点。
layout-answer-forbidden = 现行规则禁止在此设置零售点，见下列条目。
layout-answer-undetermined = 现有数据不足以得出结论，请向窗口咨询；所缺内容逐条列明如下。
layout-answer-not-concerned = 没有现行规则涉及该位置。
layout-answer-not-whole = 本局的合理布局规则尚未全部录入，不能据此认为可以设置，请向窗口咨询；所缺内容逐条列明如下。
layout-answer-examples = 仅按示例规则推演：{ $verdict }。
layout-example-title = 示例，未生效
layout-example-mark = 示例，未生效
layout-example-text = 带有此标记的规则是为演示编造的，没有法律效力，不得作为不予许可的依据。

# Figures
layout-figure-computed = 与{ $to }的直线距离 { $metres } 米（按坐标计算）
layout-figure-measured = 与{ $to }的距离 { $metres } 米（实地测量）
layout-figure-limit = ，规定 { $limit } 米
layout-figure-relief = 照顾对象（{ $group }）：间距缩短 { $percent }%，为 { $metres } 米
layout-figure-no-relief = 不适用照顾：不符合“{ $condition }”
layout-figure-capacity = { $zone }{ $size }：可设 { $places } 户，已设 { $taken } 户，已受理在先 { $waiting } 户
layout-figure-inside = 位于{ $zone }之内
layout-figure-kept = 规则施行前已取得许可，期满仍可延续
layout-figure-free-to-move = 因“{ $rule }”迁址，不受本条限制
layout-size-stalls = （{ $count } 个摊位）
layout-size-inhabitants = （{ $count } 人）
layout-unit-stalls = 摊位数
layout-unit-inhabitants = 人口数
layout-neighbour-outlet = “{ $name }”（{ $number }）
layout-neighbour-elsewhere = 您的辖区以外的一户零售点
layout-neighbour-entrance = { $name }第 { $entrance } 出入口
layout-neighbour-example = { $name }（示例）

# What is missing
layout-missing-distance = 规则没有规定距离，须由当地合理布局规定明确
layout-missing-division = 所在村（社区）：只知道位于{ $known }
layout-missing-area = 区域类型（城区、集镇或者农村）
layout-missing-condition = 现场是否{ $condition }
layout-missing-list = 全县完整的名录：{ $kinds }
layout-missing-entrances = { $name }各出入口的坐标
layout-missing-boundary = { $name }的范围界线
layout-missing-beyond = 邻区的学校名录：距辖区边界可确认的只有 { $metres } 米
layout-missing-way = 步行至{ $to }的距离，由两名执法人员实地测量
layout-missing-measurement = 至{ $to }的实地测量：按坐标计算为 { $metres } 米，与规定的 { $limit } 米相差太小
layout-missing-contradiction = 重新测量或者更正坐标：至{ $to }测得 { $measured } 米，而按坐标为 { $computed } 米
layout-missing-evidence = 至{ $to }的测量缺少：{ $lacks }
layout-missing-positions = { $count } 户零售户的坐标
layout-missing-goods = { $to }的经营品类
layout-missing-relief = 申请人是否符合照顾条件：{ $condition }
layout-missing-zone = 所在的{ $kind }
layout-missing-size = { $zone }的{ $unit }
layout-missing-members = { $count } 户是否属于{ $zone }
layout-missing-earlier = { $zone }：先受理的 { $count } 件申请尚未决定
layout-missing-existing = 规则施行前已取得的许可期满如何处理，规则没有规定
layout-evidence-officers = 两名不同的测量人员
layout-evidence-route = 测量路线
layout-evidence-tool = 测量工具
layout-evidence-photo = 照片
layout-relief-runs-it-himself = 由本人经营
layout-relief-one-licence-per-city = 全市只持一证

# Source and effect
layout-source-read = 出处：{ $source }
layout-source-second-hand = 出处（二手材料，作出决定前须核对原文）：{ $source }
layout-no-source = 没有出处
layout-no-ground-unknown = 没有这条规则，不得据此不予许可。
layout-no-ground-example = 示例，未生效：不得据此不予许可。
layout-no-ground-not-in-force = 当日未施行：不得据此不予许可。
layout-no-ground-no-source = 没有出处或者条款：不得据此不予许可。
layout-no-ground-not-read = 尚未核对原文：不得据此不予许可。
layout-no-ground-no-distance = 没有规定距离：不得仅凭本对照不予许可。

# On other pages
layout-link = 合理布局对照
layout-licence-map = 经营场所位置
layout-licence-map-hint = 圆环是本户，小圆点是一千米内的其他零售户，大圆点和围线是规则涉及的场所。

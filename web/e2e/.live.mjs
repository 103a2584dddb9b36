import { launch, openPage } from './browser.mjs';
const base='http://127.0.0.1:5198';
const b=await launch();
const {page}=await openPage(b,base,{language:'zh',viewport:{width:1920,height:1080}});
const st=await (await fetch('http://127.0.0.1:8096/api/state')).json();
const c=st.incidents.filter(i=>i.state==='transporting').sort((a,b)=>b.reception.eta-a.reception.eta)[0]; console.log(c?.id,c?.reception?.hospital,(c?.reception?.eta-st.now)/1e6);
await page.goto(base+'/hospital/'+c.reception.hospital); 
await page.locator('[data-testid=ecg]').first().waitFor();
for (let i=0;i<3;i++){await page.waitForTimeout(15000); await page.locator('[data-testid=ecg]').first().screenshot({path:`/tmp/live/ecg-${i}.png`});}
await b.close();
